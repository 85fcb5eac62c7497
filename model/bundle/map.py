"""Names of the tables that hold a bundle's map, see training.export.map."""

LINE_MAP, DRUG_MAP = "cell_line_map", "drug_map"
METHOD = "t-SNE of the predicted responses: near each other where the model predicts alike."
