# testbed repos, push, revert: SampleRepos as real git repositories, with the same commit ids
# every time.
# shellcheck shell=bash disable=SC2154

samples=$here/../SampleRepos

# No configuration of this machine or of its user gets in.
clean_git() {
    env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE \
        GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent LC_ALL=C \
        GIT_AUTHOR_NAME='Sample Team' GIT_AUTHOR_EMAIL=team@samples.test \
        GIT_COMMITTER_NAME='Sample Team' GIT_COMMITTER_EMAIL=team@samples.test \
        GIT_AUTHOR_DATE="${date:-}" GIT_COMMITTER_DATE="${date:-}" \
        git -c safe.directory='*' -c protocol.file.allow=always -c gc.auto=0 "$@"
}

# The n-th commit is made n minutes after the start of 2026.
date_of() { echo "$((1767225600 + $1 * 60)) +0000"; }

# A throw-away clone of BARE in $clone, on main, and the date of its next commit.
open_clone() {
    clone=$(mktemp -d "${TMPDIR:-/var/tmp}/gyre-clone-XXXXXX")
    trap 'rm -rf "$clone"' EXIT
    clean_git clone -q "file://$(realpath "$1")" "$clone" 2>/dev/null
    clean_git -C "$clone" checkout -q -B main
    local made=0
    made=$(clean_git -C "$clone" rev-list --count HEAD 2>/dev/null) || made=0
    date=$(date_of "$made")
}

push_clone() {
    clean_git -C "$clone" push -q origin main
    clean_git -C "$clone" log -1 --format='%H %s'
    rm -rf "$clone"
    trap - EXIT
    date=''
}

# Line VERSION of the sample's MESSAGE file is the subject of that commit.
subject_of() {
    local line
    line=$(sed -n "${2}p" "$samples/$1/MESSAGE" 2>/dev/null)
    echo "${line:-Version $2}"
}

# commit_version BARE NAME VERSION: main's next commit has exactly the files of that version.
commit_version() {
    local tree=$samples/$2/versions/$3 home
    [[ -d $tree ]] || fail "$2 has no version $3 (there are: $(ls "$samples/$2/versions"))"
    open_clone "$1"
    clean_git -C "$clone" rm -rq --ignore-unmatch . >/dev/null
    cp -a "$tree/." "$clone/"
    home=$(clean_git -C "$1" config testbed.home || true)
    [[ -z $home ]] || find "$clone" -name '*compose.y*ml' -exec sed -i "s,/home/fred,$home," {} +
    clean_git -C "$clone" add --all --force
    clean_git -C "$clone" commit -q --allow-empty -m "$(subject_of "$2" "$3")"
    push_clone
}

bare_of() {
    [[ -d $1/$2.git ]] || fail "no repository $1/$2.git; make it with: testbed repos $1"
    echo "$1/$2.git"
}

repos_command() {
    local name version
    [[ $# -ge 1 ]] || fail "usage: testbed repos DEST [--only-first] [--home DIR] [NAME...]"
    local destination=$1 made upto=all home=/home/fred names=()
    shift
    while (($#)); do
        case $1 in
            --only-first) upto=1 ;;
            --home) [[ ${2:-} == /* ]] || fail "--home needs a directory"; home=$2; shift ;;
            *) names+=("$1") ;;
        esac
        shift
    done
    ((${#names[@]})) || mapfile -t names < <(cd "$samples" && printf '%s\n' */ | tr -d /)
    mkdir -p "$destination"
    for name in "${names[@]}"; do
        [[ -d $samples/$name/versions ]] || fail "no sample $name"
        [[ ! -e $destination/$name.git ]] || fail "$destination/$name.git is there already"
        clean_git init -q --bare --initial-branch=main "$destination/$name.git"
        [[ $home == /home/fred ]] || clean_git -C "$destination/$name.git" config testbed.home "$home"
        while read -r version; do
            [[ $upto == all || $version == "$upto" ]] || continue
            made=$(commit_version "$destination/$name.git" "$name" "$version")
            echo "$name $version $made"
        done < <(find "$samples/$name/versions" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n)
    done
}

push_command() {
    [[ $# == 3 ]] || fail "usage: testbed push DEST NAME VERSION"
    commit_version "$(bare_of "$1" "$2")" "$2" "$3"
}

revert_command() {
    [[ $# == 2 ]] || fail "usage: testbed revert DEST NAME"
    open_clone "$(bare_of "$1" "$2")"
    clean_git -C "$clone" revert --no-edit HEAD >/dev/null
    push_clone
}
