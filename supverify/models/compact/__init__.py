"""The narrowest networks: channels of few neurons, searched for and compiled."""
