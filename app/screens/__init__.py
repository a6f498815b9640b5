"""What each screen says and shows, from a service's answer: sentences, frames and charts.

Pages stay short: they ask a service and hand its answer to a function here.
"""
