"""From specs to graphs. Pure: the same spec always gives the same graph."""
