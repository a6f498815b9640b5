"""The pages Review queue and Team and clocks."""
