"""How the shipped model of comments is made: ``make model``. Nothing here is in the product."""
