#!/usr/bin/env bash
# Lets the job fail or not, after everything is uploaded.
set -euo pipefail

case $STATUS in
  0) exit 0 ;;
  1) what='violated, or not as expected' ;;
  2) what='a bound was hit, so nothing was decided' ;;
  3) what='check could not be run as it was asked' ;;
  4) what='the model is wrong' ;;
  *) what='this is a bug in Faultline, or it was ended' ;;
esac
level=error
# Not even with `never` does a job pass that has checked nothing.
case $INPUT_FAIL_ON:$STATUS in
  known:2 | never:[124]) level=warning ;;
esac
echo "::$level title=Faultline::$what (status $STATUS); the job summary has the details"
[ "$level" = warning ] || exit "$STATUS"
