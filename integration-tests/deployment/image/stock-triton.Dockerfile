# NVIDIA's Triton with the purekv backend in it. From the repository's root, after mvn -DskipTests package:
#   docker build -f integration-tests/deployment/image/stock-triton.Dockerfile -t purekv-triton .
#   docker run --rm -p 8000:8000 -p 8001:8001 -p 8002:8002 purekv-triton
# This file was not run where it was written: NVIDIA's registry could not be reached there. What it relies on is tested with
# another program around the same libtritonserver (StockHostIT).
FROM nvcr.io/nvidia/tritonserver:24.10-py3

RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openjdk-17-jre-headless \
 && rm -rf /var/lib/apt/lists/*

# The server installs its signal handlers after Java's; this keeps both (backend/docs/decisions/0022).
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64
ENV LD_PRELOAD=/usr/lib/jvm/java-17-openjdk-amd64/lib/libjsig.so

COPY backend/target/backends/purekv /opt/tritonserver/backends/purekv
# Not videollama2, which waits for its weights: a Triton that is told to load every model ends where one cannot be.
COPY model-repository/kv_compression /models/kv_compression
COPY model-repository/moving-digits /models/moving-digits

# Libraries are unpacked into $HOME/.javacpp at the first start.
USER triton-server
CMD ["tritonserver", "--model-repository=/models", "--model-control-mode=explicit", "--load-model=*", \
     "--backend-config=purekv,jvm-options=-XX:+ExitOnOutOfMemoryError"]
