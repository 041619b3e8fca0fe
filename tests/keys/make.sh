#!/bin/sh
# Recreates the keys and certificates in this folder. They are for tests only and protect nothing.
set -eu
cd "$(dirname "$0")"
rm -f ./*.pem ./*.pfx ./*.der

certificate() { # key, subject, output, more arguments
    key=$1 subject=$2 output=$3
    shift 3
    openssl req -x509 -new -key "$key" -subj "/CN=$subject" -days 36500 -sha256 -out "$output" "$@"
}
encrypt() { # key, output, more arguments: an encrypted PKCS#8 key
    key=$1 output=$2
    shift 2
    openssl pkcs8 -topk8 -in "$key" -out "$output" -passout "pass:$PASSPHRASE" "$@"
}
PASSPHRASE=test-only-passphrase

for bits in 2048 3072 4096; do
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -out rsa$bits.key.pem
    certificate rsa$bits.key.pem "test-only rsa$bits" rsa$bits.certificate.pem
    cat rsa$bits.key.pem rsa$bits.certificate.pem > rsa$bits.pem
done
openssl x509 -in rsa2048.certificate.pem -outform DER -out rsa2048.certificate.der

# Other forms of the same key.
openssl rsa -traditional -in rsa2048.key.pem -out rsa2048.pkcs1.key.pem
cat rsa2048.pkcs1.key.pem rsa2048.certificate.pem > rsa2048.pkcs1.pem
encrypt rsa2048.key.pem rsa2048.encrypted.key.pem
cat rsa2048.encrypted.key.pem rsa2048.certificate.pem > rsa2048.encrypted.pem
openssl rsa -traditional -aes128 -passout "pass:$PASSPHRASE" -in rsa2048.key.pem -out rsa2048.legacy.key.pem
cat rsa2048.legacy.key.pem rsa2048.certificate.pem > rsa2048.legacy-encrypted.pem
openssl pkcs12 -export -in rsa2048.pem -out rsa2048.pfx -passout "pass:$PASSPHRASE"
openssl pkcs12 -export -in rsa2048.pem -out rsa2048.empty-passphrase.pfx -passout pass:
openssl pkcs12 -export -in rsa2048.pem -out rsa2048.no-mac.pfx -passout "pass:$PASSPHRASE" -nomac
openssl pkcs12 -export -legacy -in rsa2048.pem -out rsa2048.legacy.pfx -passout "pass:$PASSPHRASE"
openssl pkcs12 -export -in rsa2048.pem -out rsa2048.open-key.pfx -passout "pass:$PASSPHRASE" -keypbe NONE

# A chain: leaf, intermediate, root, the key last.
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out root.key.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out intermediate.key.pem
certificate root.key.pem "test-only root" root.certificate.pem
openssl req -new -key intermediate.key.pem -subj "/CN=test-only intermediate" -out intermediate.csr
printf 'basicConstraints=critical,CA:TRUE\n' > extensions
openssl x509 -req -in intermediate.csr -CA root.certificate.pem -CAkey root.key.pem -CAcreateserial \
    -days 36500 -sha256 -extfile extensions -out intermediate.certificate.pem
openssl req -new -key rsa2048.key.pem -subj "/CN=test-only leaf" -out leaf.csr
openssl x509 -req -in leaf.csr -CA intermediate.certificate.pem -CAkey intermediate.key.pem -CAcreateserial \
    -days 36500 -sha256 -out leaf.certificate.pem
cat root.certificate.pem intermediate.certificate.pem leaf.certificate.pem rsa2048.key.pem > chain.key-last.pem
cat rsa2048.key.pem leaf.certificate.pem intermediate.certificate.pem root.certificate.pem > chain.pem
openssl pkcs12 -export -in chain.pem -out chain.pfx -passout "pass:$PASSPHRASE"
rm -f ./*.csr ./*.srl extensions

# What must be refused.
certificate rsa2048.key.pem "test-only large" large.certificate.pem -addext "nsComment=$(head -c 50000 /dev/zero | tr '\0' x)"
cat rsa2048.key.pem large.certificate.pem > large.pem
rm large.certificate.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key.pem
certificate weak.key.pem "test-only rsa1024" weak.certificate.pem
cat weak.key.pem weak.certificate.pem > rsa1024.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2047 -out odd.key.pem
certificate odd.key.pem "test-only rsa2047" odd.certificate.pem
cat odd.key.pem odd.certificate.pem > rsa2047.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.key.pem
certificate p256.key.pem "test-only p256" p256.certificate.pem
cat p256.key.pem p256.certificate.pem > p256.pem
openssl genpkey -quiet -algorithm ED25519 -out ed25519.key.pem
certificate ed25519.key.pem "test-only ed25519" ed25519.certificate.pem
cat ed25519.key.pem ed25519.certificate.pem > ed25519.pem
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.key.pem
certificate rsa-pss.key.pem "test-only rsa-pss" rsa-pss.certificate.pem
cat rsa-pss.key.pem rsa-pss.certificate.pem > rsa-pss.pem
cat rsa3072.key.pem rsa2048.certificate.pem > mismatched.pem

# A certificate of the past, of the same key.
openssl req -new -key rsa2048.key.pem -subj "/CN=test-only expired" -out expired.csr
if openssl x509 -help 2>&1 | grep -q not_after; then
    openssl x509 -req -in expired.csr -key rsa2048.key.pem -not_before 20200101000000Z -not_after 20210101000000Z \
        -out expired.certificate.pem
else
    touch index.txt
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.conf
    openssl ca -batch -config ca.conf -selfsign -keyfile rsa2048.key.pem -in expired.csr -notext \
        -startdate 20200101000000Z -enddate 20210101000000Z -out expired.certificate.pem
    rm -f ca.conf index.txt* ./[0-9A-F]*.pem
fi
cat rsa2048.key.pem expired.certificate.pem > expired.pem
rm -f expired.csr

openssl x509 -in rsa2048.certificate.pem -noout -fingerprint -sha1 > rsa2048.fingerprints
openssl x509 -in rsa2048.certificate.pem -noout -fingerprint -sha256 >> rsa2048.fingerprints
rm -f intermediate.key.pem root.key.pem weak.*.pem odd.*.pem p256.*.pem ed25519.*.pem rsa-pss.*.pem \
    rsa2048.legacy.key.pem rsa2048.encrypted.key.pem rsa2048.pkcs1.key.pem
