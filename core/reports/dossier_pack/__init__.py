"""The pack of a sample: its dossiers, what it was drawn from, and what checks all of it."""
