"""The demo bank: a few customers, accounts, cards and branches, and the actions that flows run on them."""
