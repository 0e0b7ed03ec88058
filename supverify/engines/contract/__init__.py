"""Layer by layer: a first layer proved ideal, then the next one on ideal values; an oracle of its own."""
