namespace Orchestrator.Service.Delivery.Git;

/// <summary>What became of a push.</summary>
internal abstract record PushEnd
{
    /// <summary>The remote has it now.</summary>
    public sealed record Pushed : PushEnd;

    /// <summary>The remote had it already.</summary>
    public sealed record Unchanged : PushEnd;

    /// <summary>Somebody pushed something else meanwhile; nothing was overwritten.</summary>
    /// <param name="Found">What is there; null if the branch is gone.</param>
    public sealed record Stale(string? Found) : PushEnd;

    /// <summary>A rule or a hook of the remote refused it: no repetition helps.</summary>
    public sealed record Rejected(string Why) : PushEnd;
}

/// <summary>Pushes a branch where it is as it was last seen, and nowhere else.</summary>
internal sealed class Pushes(GitRunner git)
{
    /// <param name="mirror">Of the repository.</param>
    /// <param name="folder">The mirror or a worktree of it.</param>
    /// <param name="branch">Never the base branch.</param>
    /// <param name="commit">Full hash.</param>
    /// <param name="expected">Full hash of what the remote has now; null if it must have no such branch.</param>
    /// <param name="cancellation">Ends the call; the push may have happened.</param>
    /// <exception cref="GitFailedException">The remote gave no answer about the branch.</exception>
    public async Task<PushEnd> PushAsync(Mirror mirror, string folder, string branch, string commit, string? expected, CancellationToken cancellation)
    {
        Refuse(mirror, branch);
        var target = Mirror.Local(branch);
        // The explicit form: without the hash, whatever was fetched last would count as expected.
        var result = await git.RunAsync(folder, ["push", "--porcelain", "--no-verify", $"--force-with-lease={target}:{expected}", mirror.Remote, $"{commit}:{target}"], new GitCall(mirror.Remote), cancellation);
        if (Line(result.Text, target) is not { } line)
        {
            result.Must($"pushing {branch} to {RemoteRule.Shown(mirror.Remote)}");
            throw new GitFailedException(GitFault.Failed, $"pushing {branch}: git said nothing about it.");
        }

        if (line[0] == '=')
            return new PushEnd.Unchanged();
        if (line[0] != '!')
            return result.ExitCode == 0 ? new PushEnd.Pushed() : throw new GitFailedException(GitFaults.Of(result.Error), $"pushing {branch}: {result.Error.Trim()}");
        if (line.Contains("stale info", StringComparison.Ordinal) || line.Contains("fetch first", StringComparison.Ordinal) || line.Contains("non-fast-forward", StringComparison.Ordinal))
        {
            // An earlier push whose answer was lost is a success.
            var found = await RemoteAsync(mirror, branch, cancellation);
            return found == commit ? new PushEnd.Unchanged() : new PushEnd.Stale(found);
        }

        // The server was quicker than the lease: another push took the lock of the branch.
        return line.Contains("[remote rejected]", StringComparison.Ordinal) && (line.Contains("failed to update ref", StringComparison.Ordinal) || line.Contains("cannot lock ref", StringComparison.Ordinal))
            ? await RemoteAsync(mirror, branch, cancellation) is var now && now == commit ? new PushEnd.Unchanged() : new PushEnd.Stale(now)
            : new PushEnd.Rejected(Reason(line, result.Error));
    }

    /// <summary>The branch as the remote has it now; null if there is none.</summary>
    public async Task<string?> RemoteAsync(Mirror mirror, string branch, CancellationToken cancellation)
    {
        var answer = (await git.RunAsync(mirror.Path, ["ls-remote", "--quiet", mirror.Remote, Mirror.Local(branch)], new GitCall(mirror.Remote), cancellation)).Must($"asking {RemoteRule.Shown(mirror.Remote)} for {branch}");
        return answer.Text.Split('\n').Select(line => line.Split('\t')).FirstOrDefault(line => line is [_, var name] && name == Mirror.Local(branch))?[0];
    }

    /// <exception cref="GitFailedException">The branch is no task's.</exception>
    public static void Refuse(Mirror mirror, string branch)
    {
        if (!BranchName.IsOne(branch))
            throw new GitFailedException(GitFault.Misconfigured, $"'{branch}' is no name of a branch.");
        if (branch == mirror.Base)
            throw new GitFailedException(GitFault.Misconfigured, $"{branch} is the base branch of {mirror.Name}: a task needs a branch of its own.");
    }

    // flag TAB from:to TAB summary
    private static string? Line(string porcelain, string target) =>
        porcelain.Split('\n').FirstOrDefault(line => line.Length > 2 && line[1] == '\t' && line.Split('\t') is [_, var refs, ..] && refs.EndsWith(":" + target, StringComparison.Ordinal));

    private static string Reason(string line, string error)
    {
        var said = error.Split('\n').Where(text => text.StartsWith("remote:", StringComparison.Ordinal)).Select(text => text["remote:".Length..].Trim()).Where(text => text.Length > 0);
        return string.Join(" ", said.Prepend(line.Split('\t')[^1].Trim()));
    }
}
