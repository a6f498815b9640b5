"""One short script per screen; the menu in app/nav.py lists them."""
