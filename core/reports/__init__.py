"""Documents: letters, dossiers, cards, reports and packs, each from one record in every format."""
