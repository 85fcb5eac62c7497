#!/bin/sh
# Fills the edge's settings into its configuration and starts nginx. TLS where /tls holds tls.crt and tls.key.
set -eu
folder=${EDGE_FOLDER:-/tmp/edge}
here=$(dirname "$0")
mkdir -p "$folder"

number() {  # NAME VALUE: ends with the setting's name where it is no whole number above 0
    case $2 in '' | 0* | *[!0-9]*) echo "$1=$2: give a whole number above 0" >&2; exit 2 ;; esac
}
: "${EDGE_SERVICE:=api:8000}" "${EDGE_MAX_BODY_BYTES:=134217728}" "${EDGE_CONNECTIONS:=64}"
: "${EDGE_REQUESTS_PER_S:=200}" "${EDGE_BURST:=400}" "${EDGE_ANSWER_S:=150}" "${EDGE_TLS_DIR:=/tls}"
number EDGE_MAX_BODY_BYTES "$EDGE_MAX_BODY_BYTES"
number EDGE_CONNECTIONS "$EDGE_CONNECTIONS"
number EDGE_REQUESTS_PER_S "$EDGE_REQUESTS_PER_S"
number EDGE_BURST "$EDGE_BURST"
number EDGE_ANSWER_S "$EDGE_ANSWER_S"

tls=''
if [ -e "$EDGE_TLS_DIR/tls.crt" ] || [ -e "$EDGE_TLS_DIR/tls.key" ]; then
    [ -r "$EDGE_TLS_DIR/tls.crt" ] && [ -r "$EDGE_TLS_DIR/tls.key" ] || {
        echo "$EDGE_TLS_DIR: tls.crt and tls.key must both be there and readable by user $(id -u)" >&2; exit 2; }
    tls=" ssl; ssl_certificate $EDGE_TLS_DIR/tls.crt; ssl_certificate_key $EDGE_TLS_DIR/tls.key; ssl_protocols TLSv1.2 TLSv1.3"
fi
# The container network's own name server; the service's address may change while the edge runs.
resolver=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
sed -e "s|@SERVICE@|$EDGE_SERVICE|" -e "s|@MAX_BODY@|$EDGE_MAX_BODY_BYTES|g" -e "s|@CONNECTIONS@|$EDGE_CONNECTIONS|" \
    -e "s|@REQUESTS_PER_S@|$EDGE_REQUESTS_PER_S|" -e "s|@BURST@|$EDGE_BURST|" -e "s|@ANSWER_S@|$EDGE_ANSWER_S|" \
    -e "s|@TLS@|$tls|" -e "s|@RESOLVER@|${EDGE_RESOLVER:-$resolver}|" -e "s|@PORT@|${EDGE_PORT:-8080}|" \
    -e "s|@FOLDER@|$folder|" "$here/nginx.conf.template" >"$folder/nginx.conf"
exec nginx -c "$folder/nginx.conf" -e /dev/stderr -g 'daemon off;'
