"""The pages Human review and Team and clocks."""
