"""Checks, alarms, alerts, the rules between them, and where alerts are sent."""
