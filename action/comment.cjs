/** Posts a comment in the pull request, or updates the one that this action has posted there; for actions/github-script. */
const { readFileSync } = require('node:fs');

/**
 * @param {object} given
 * @param given.github Octokit, as actions/github-script has it
 * @param given.context of the workflow run
 * @param given.core of @actions/core
 * @param {string} given.markdown the path of the comment's text
 * @param {string} given.key tells this comment from those of other uses of the action
 */
async function comment({ github, context, core, markdown, key }) {
  const { issues } = github.rest;
  const where = { owner: context.repo.owner, repo: context.repo.repo };
  const number = { issue_number: context.payload.pull_request.number };
  // Percent signs instead of what could end it.
  const mark = `<!-- faultline: ${encodeURIComponent(key).replaceAll('-', '%2D').slice(0, 200)} -->`;
  const body = `${mark}\n${readFileSync(markdown, 'utf8')}`;
  try {
    const known = await github.paginate(issues.listComments, { ...where, ...number, per_page: 100 });
    // Anybody may have copied the mark; only what a bot has posted is ours.
    const ours = known.find((one) => one.user?.type === 'Bot' && one.body?.startsWith(mark));
    if (ours) await issues.updateComment({ ...where, comment_id: ours.id, body });
    else await issues.createComment({ ...where, ...number, body });
  } catch (error) {
    // The token of a pull request from a fork can only read.
    if (error.status !== 403 && error.status !== 404) throw error;
    core.warning(
      `Faultline cannot comment (${error.status}): the job needs "pull-requests: write", which a fork does not get`,
    );
  }
}

module.exports = { comment };
