# Checks the package $1, installs it into the empty directory $2, and lists what it installed.
set -eu
package=$1 root=$2
rpm --checksig --nosignature "$package"
rpm --query --package --info "$package"
test "$(rpm --query --package --configfiles "$package")" = /etc/default/cooee
rpm --root "$root" --initdb
# There is no shell in the directory for the scripts of the package.
rpm --root "$root" --install --nodeps --noscripts --ignorearch --ignoreos "$package"
rpm --root "$root" --verify cooee --nodeps --noscripts
rpm --root "$root" --query --list cooee
