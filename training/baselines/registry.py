"""Every method that stands beside the networks in a table, on the same folds, by the name it has there."""

from training.baselines.boosted_trees import lightgbm_ln_ic50
from training.baselines.factors import als_ln_ic50, matrix_factorisation
from training.baselines.kernel_ridge import (
    als_kernel_ridge_ln_ic50,
    kernel_ridge_ln_ic50,
    two_step_kernel_ridge_ln_ic50,
)
from training.baselines.linear import elastic_net_ln_ic50, logistic_regression
from training.baselines.means import drug_mean, global_mean, line_mean, mean_effects, tissue_drug_mean
from training.baselines.model_selection import Baseline
from training.baselines.networks.graphcdr import graphcdr
from training.baselines.networks.mofgcn import mofgcn
from training.baselines.networks.nihgcn import nihgcn
from training.baselines.networks.two_tower import two_tower

BASELINES: dict[str, Baseline] = {
    method.__name__: method
    for method in (
        drug_mean,
        global_mean,
        line_mean,
        mean_effects,
        tissue_drug_mean,
        matrix_factorisation,
        als_ln_ic50,
        logistic_regression,
        elastic_net_ln_ic50,
        kernel_ridge_ln_ic50,
        als_kernel_ridge_ln_ic50,
        two_step_kernel_ridge_ln_ic50,
        lightgbm_ln_ic50,
        two_tower,
        nihgcn,
        mofgcn,
        graphcdr,
    )
}
