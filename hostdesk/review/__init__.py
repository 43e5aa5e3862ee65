"""The look back at one show: what happened, what was said and when, what was promised."""
