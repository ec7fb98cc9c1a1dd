"""Retrain the shipped model with the user's labels, and compute metrics that show whether the new model is better."""
