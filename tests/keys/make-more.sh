#!/usr/bin/env bash
# Makes the files in `old/`, rsa2048.pem in encryptions of before PBES2 and with scrypt, and those in `empty/` and `hostile/`. Needs
# OpenSSL 3 with its legacy provider.
set -euo pipefail
cd "$(dirname "$0")"
PASSPHRASE=hunter2
mkdir -p old

for scheme in MD5-DES SHA1-DES MD5-RC2-64 SHA1-RC2-64; do
    openssl pkcs8 -topk8 -provider legacy -provider default -v1 "PBE-$scheme" -in rsa2048.key.pem \
        -passout "pass:$PASSPHRASE" > "old/${scheme,,}.pem"
done
openssl pkcs8 -topk8 -scrypt -in rsa2048.key.pem -passout "pass:$PASSPHRASE" > old/scrypt.pem
for cipher in des des3 aes128 aes192; do
    openssl rsa -traditional "-$cipher" -provider legacy -provider default -in rsa2048.key.pem \
        -passout "pass:$PASSPHRASE" > "old/traditional-$cipher.pem"
done
cat rsa2048.certificate.pem | tee -a old/*.pem > /dev/null
for scheme in RC4-128 RC4-40 2DES RC2-128; do
    openssl pkcs12 -export -provider legacy -provider default -in rsa2048.pem -out "old/${scheme,,}.pfx" \
        -passout "pass:$PASSPHRASE" -keypbe "PBE-SHA1-$scheme" -certpbe "PBE-SHA1-$scheme" -macalg sha1
done

# Keys with an empty passphrase.
mkdir -p empty
openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 1500 -in rsa2048.key.pem -passout pass: > empty/pbes2.pem
openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in rsa2048.key.pem -passout pass: > empty/pkcs12-3des.pem
openssl pkcs8 -topk8 -provider legacy -provider default -v1 PBE-SHA1-DES -in rsa2048.key.pem \
    -passout pass: > empty/pbes1-des.pem
openssl pkcs8 -topk8 -scrypt -in rsa2048.key.pem -passout pass: > empty/scrypt.pem
cat rsa2048.certificate.pem | tee -a empty/*.pem > /dev/null

# Files whose passphrase takes more iterations than a file may cause.
mkdir -p hostile
openssl pkcs8 -topk8 -iter 10000001 -in rsa2048.key.pem -passout "pass:$PASSPHRASE" > hostile/iterations.pem
cat rsa2048.certificate.pem >> hostile/iterations.pem
openssl pkcs12 -export -iter 4000000 -in rsa2048.pem -out hostile/iterations.pfx -passout "pass:$PASSPHRASE"
