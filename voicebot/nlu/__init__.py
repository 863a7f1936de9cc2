"""From text to meaning: intents, entities, spoken forms."""
