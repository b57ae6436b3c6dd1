#!/usr/bin/env bash
# Checks the targets and writes all files into one folder; whether the job fails is for conclude.sh to say, when they are uploaded.
set -euo pipefail

fail() {
  echo "::error title=Faultline::$1"
  exit 3
}

# Words as a shell would take them, quotes included, one a line; nothing in them is run.
words() {
  [ -z "${1//[[:space:]]/}" ] || printf '%s\n' "$1" | xargs printf '%s\n'
}

case $INPUT_FAIL_ON in
  violated | known | never) ;;
  *) fail 'the input fail-on is to be violated, known or never' ;;
esac

targets=()
while IFS= read -r line; do
  line=$(printf '%s' "$line" | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//')
  [ -z "$line" ] || targets+=("$line")
done <<<"$INPUT_TARGETS"

options=()
parsed=$(words "$INPUT_ARGS") || fail 'the input args has a quote that does not end'
[ -z "$parsed" ] || while IFS= read -r word; do options+=("$word"); done <<<"$parsed"
report_options=()
parsed=$(words "$INPUT_REPORT_ARGS") || fail 'the input report-args has a quote that does not end'
[ -z "$parsed" ] || while IFS= read -r word; do report_options+=("$word"); done <<<"$parsed"

folder=$(mktemp -d "$RUNNER_TEMP/faultline-XXXXXX")
{
  echo "folder=$folder"
  # For a step that is no script, and does not know it in a container.
  echo "action-path=$GITHUB_ACTION_PATH"
} >>"$GITHUB_OUTPUT"

# Bash before 4.4 takes an empty array for one that is not set.
faultline() {
  NO_COLOR=1 node "$FAULTLINE" "$@" ${targets[@]+"${targets[@]}"}
}

# A line that a model lets print must be no command to the runner.
token=$(node -p 'require("node:crypto").randomUUID()')
echo "::stop-commands::$token"
status=0
faultline check --quiet --markdown "$folder/faultline.md" --junit "$folder/junit.xml" --sarif "$folder/faultline.sarif" \
  ${options[@]+"${options[@]}"} -- 2>"$folder/errors.txt" || status=$?
cat "$folder/errors.txt" >&2
echo "status=$status" >>"$GITHUB_OUTPUT"

written() {
  [ ! -e "$folder/$2" ] || echo "$1=$folder/$2" >>"$GITHUB_OUTPUT"
}
written markdown faultline.md
written junit junit.xml
written sarif faultline.sarif

if [ -e "$folder/faultline.md" ]; then
  cat "$folder/faultline.md" >>"$GITHUB_STEP_SUMMARY"
else
  # Indented, so that nothing in it is markup.
  {
    printf '### 🛑 Faultline: nothing was checked, status %s\n\n' "$status"
    sed 's/^/    /' "$folder/errors.txt"
  } >>"$GITHUB_STEP_SUMMARY"
fi

if [ "$INPUT_REPORT" = true ] && [ "$status" -lt 3 ]; then
  # It says by its status what check has said already.
  faultline report --quiet -o "$folder/faultline.html" ${report_options[@]+"${report_options[@]}"} -- || true
  written report faultline.html
fi
echo "::$token::"
