# Every stage starts from the same base: a virtual environment is only valid where the same interpreter lies at the
# same path. Any Debian-like image with python3 3.11, venv and pip will do.
ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm

# Builders without BuildKit build every stage above the target, so the stages stand from light to heavy.
FROM ${BASE_IMAGE} AS base
WORKDIR /app
# `make image` adds the revision; here it would build everything again after each commit.
LABEL org.opencontainers.image.title="drug-response" \
      org.opencontainers.image.description="Cancer drug-response prediction; for research only" \
      org.opencontainers.image.version="0.2.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="the drug-response authors"

FROM base AS builder
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends 'binutils=2.40*' \
    && rm -rf /var/lib/apt/lists/*

# The environment has no pip of its own: what serves cannot install. Tests, headers and tools are left out, and the
# symbols of RDKit's and uvloop's libraries, 65 MB; numpy's do not bear it.
FROM builder AS venv-cpu
COPY locks/service.txt locks/
RUN python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
       --require-hashes --no-deps --only-binary :all: -r locks/service.txt \
    && find /opt/venv -type d \( -name tests -o -path '*/rdkit/Contrib' -o -path '*/onnxruntime/transformers' \
       -o -path '*/onnxruntime/tools' -o -path '*/onnxruntime/quantization' \) -prune -exec rm -r {} + \
    && find /opt/venv -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.hpp' \) -delete \
    && find /opt/venv -type f -path '*/rdkit*' -name '*.so*' -exec strip --strip-unneeded {} + \
    && find /opt/venv -type f -path '*/uvloop/*' -name '*.so' -exec strip --strip-unneeded {} +

# No account is made for 10001: a number is all the kernel and Kubernetes' runAsNonRoot look at.
# Everything is copied as root's, so what runs here could not change it on a writable root file system either.
FROM base AS service
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DRP_HOST=0.0.0.0 \
    DRP_PORT=8000 \
    DRP_BUNDLE=/bundles/gdsc
USER 10001:10001
EXPOSE 8000
# A module without arguments: podman 4.3 splits the words of a health check at every space.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "service.healthcheck"]
CMD ["python", "-m", "service"]

FROM service AS service-cpu
COPY --from=venv-cpu /opt/venv /opt/venv
COPY bundles/gdsc /bundles/gdsc
COPY model model
COPY service service

# nginx between the network and the service: limits, slow callers, TLS. Debian's own, so that its security team mends it.
FROM base AS edge
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install -y --no-install-recommends 'nginx-light=1.22.*' \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled
COPY edge /edge
USER 10001:10001
EXPOSE 8080
# nginx ends at SIGTERM in the middle of an answer and after it at SIGQUIT.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["python3", "/edge/healthcheck.py"]
CMD ["sh", "/edge/start.sh"]

# CUDA and cuDNN come as wheels with onnxruntime-gpu; the host supplies only the driver.
# A second environment rather than a layer on the first: the two builds of ONNX Runtime overwrite each other's files.
FROM builder AS venv-gpu
COPY locks/service-gpu.txt locks/
RUN python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
       --require-hashes --no-deps --only-binary :all: -r locks/service-gpu.txt \
    && find /opt/venv -type d \( -name tests -o -path '*/rdkit/Contrib' -o -path '*/onnxruntime/transformers' \
       -o -path '*/onnxruntime/tools' -o -path '*/onnxruntime/quantization' \) -prune -exec rm -r {} + \
    && find /opt/venv -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.hpp' \) -delete \
    && find /opt/venv -type f -path '*/rdkit*' -name '*.so*' -exec strip --strip-unneeded {} + \
    && find /opt/venv -type f -path '*/uvloop/*' -name '*.so' -exec strip --strip-unneeded {} +

FROM service AS service-gpu
# The driver's own kernel cache would otherwise go to a home that is not there.
ENV DRP_DEVICE=cuda \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    CUDA_CACHE_PATH=/tmp/nv
COPY --from=venv-gpu /opt/venv /opt/venv
COPY bundles/gdsc /bundles/gdsc
COPY model model
COPY service service

# Dependencies first and the sources after them, so that editing a line does not fetch torch again.
FROM base AS venv-train
COPY locks/dev.txt locks/
COPY pyproject.toml README.md LICENSE NOTICE ./
RUN python3 -c "import tomllib; extras = tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']; \
print(*extras['train'], *extras['client'], *extras['api'], sep='\n')" > train.in \
    && sed '/--hash=/d; s/ *\\$//' locks/dev.txt > pins.txt \
    && python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
       --only-binary :all: -c pins.txt -r train.in
COPY model model
COPY service service
COPY client client
COPY training training
COPY screening screening
COPY scripts/wheel.py scripts/
RUN python3 -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --no-deps .

FROM base AS train
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=venv-train /opt/venv /opt/venv
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["drp"]
CMD ["--help"]
