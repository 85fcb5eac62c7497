// The best drugs of each sample of an nf-core/rnaseq run:
//     nextflow run examples/nextflow --tpm results/star_salmon/salmon.merged.gene_tpm.tsv --url http://localhost:8000

params.tpm = "${projectDir}/../samples/salmon.merged.gene_tpm.tsv"
params.url = 'http://localhost:8000'
params.k = 10

process RANK_DRUGS {
    publishDir 'results', mode: 'copy'

    input:
    path tpm

    output:
    path 'ranked_drugs.csv'

    script:
    """
    drp rank --sample ${tpm} --unit TPM -k ${params.k} --order percentile --format csv --url ${params.url} > ranked_drugs.csv
    """
}

workflow {
    RANK_DRUGS(Channel.fromPath(params.tpm, checkIfExists: true))
}
