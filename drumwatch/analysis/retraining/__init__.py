"""From the shipped model and the labels of the user to a model of their own, with figures that tell whether it is better."""
