"""The media process: one ticker, lines (a call and its leg), and the engines' work beside them."""
