using System.Globalization;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Agents;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>
/// A task's worktree that is there: cleaned of what a lost run left half done, brought to where work goes on, committed. An agent could write everything in it, so nothing in it is believed,
/// and nothing is thrown away but what git can make again.
/// </summary>
/// <param name="task">Whose it is.</param>
/// <param name="mirror">Of its repository.</param>
/// <param name="path">Its folder.</param>
/// <param name="gitFolder">Where git keeps what is the worktree's own: its index, its locks, what it is in the middle of.</param>
/// <param name="git">Runs git.</param>
/// <param name="repositories">Of this host.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Hears what was found and put aside.</param>
internal sealed class TaskWorktree(DeliveryTask task, Mirror mirror, string path, string gitFolder, GitRunner git, Repositories repositories, TimeProvider time, ILogger log)
{
    private const int LargestList = 64 << 20;
    private const int DeepestInner = 20;

    // What git leaves in the worktree's own folder while it is in the middle of something, and how it is ended.
    private static readonly (string Mark, string[] End)[] Halves =
    [
        ("rebase-merge", ["rebase", "--abort"]), ("rebase-apply/applying", ["am", "--abort"]), ("rebase-apply", ["rebase", "--abort"]), ("MERGE_HEAD", ["merge", "--abort"]),
        ("CHERRY_PICK_HEAD", ["cherry-pick", "--abort"]), ("REVERT_HEAD", ["revert", "--abort"]), ("BISECT_LOG", ["bisect", "reset", "HEAD"]),
    ];

    public string Folder => path;

    public Mirror Mirror => mirror;

    private string StepFile => Path.Combine(gitFolder, "orchestrator-step");

    private string Step => task.Step.ToString(CultureInfo.InvariantCulture);

    /// <summary>Ends what a lost run left half done, and puts aside what is of another step.</summary>
    /// <returns>False if git can't make sense of the worktree any more: it is to be put aside as a whole then, and made anew.</returns>
    public async Task<bool> CleanAsync(CancellationToken cancellation)
    {
        try
        {
            await TidyAsync(cancellation);
            return true;
        }
        catch (GitFailedException failed) when (failed.Fault == GitFault.Failed && LiveProcesses.In(path).Count == 0)
        {
            log.NotCleaned(task.Id, failed.Message);
            return false;
        }
    }

    /// <summary>Brings it to a commit; uncommitted work comes along, or is put aside.</summary>
    public async Task MoveToAsync(string start, CancellationToken cancellation)
    {
        if (await repositories.ResolveAsync(path, "HEAD", cancellation) == start)
            return;
        // git carries uncommitted work over where it can.
        if ((await git.RunAsync(path, ["merge", "--quiet", "--ff-only", start], cancellation)).Succeeded)
            return;
        await SnapshotAsync(cancellation);
        (await git.RunAsync(path, ["reset", "--quiet", "--hard", start], cancellation)).Must($"bringing {path} to {start}");
    }

    /// <summary>From now on what is not committed is of the task's present step, and the agent's notes may be written.</summary>
    public async Task BeginStepAsync(CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(StepFile, Step, cancellation);
        FreeNotes();
    }

    /// <summary>Commits all that an agent left, as the service's own author, and brings the branch to it.</summary>
    /// <param name="message">The commit's message.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The branch's last commit, whether the agent or the service made it; full hash.</returns>
    public async Task<string> CommitAsync(string message, CancellationToken cancellation)
    {
        RemoveLocks();
        await EndHalvesAsync(cancellation); // half a merge would be committed with its conflict marks
        await CollectAsync("collecting what the agent left", cancellation);
        await HideNotesAsync(cancellation);
        if ((await git.RunAsync(path, ["diff", "--cached", "--quiet"], cancellation)).Must("looking for changes", 0, 1).ExitCode == 1)
            (await git.RunAsync(path, ["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--file=-"], new GitCall(Input: message), cancellation)).Must("committing what the agent left");
        await ToBranchAsync(cancellation);
        return await repositories.ResolveAsync(path, "HEAD", cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} has no commit.");
    }

    /// <summary>Is there anything that is not committed, and not ignored?</summary>
    public async Task<bool> IsChangedAsync(CancellationToken cancellation) =>
        (await git.RunAsync(path, ["status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none"], cancellation)).Must($"looking for changes in {path}").Output.Length > 0;

    private async Task TidyAsync(CancellationToken cancellation)
    {
        RemoveLocks();
        await EndHalvesAsync(cancellation);
        await ShowAllAsync(cancellation);
        var sameStep = File.Exists(StepFile) && await File.ReadAllTextAsync(StepFile, cancellation) == Step;
        if (!sameStep && await IsChangedAsync(cancellation))
            await SnapshotAsync(cancellation);
        await ToBranchAsync(cancellation);
    }

    private void RemoveLocks()
    {
        foreach (var name in (string[])["index.lock", "HEAD.lock"])
        {
            var file = Path.Combine(gitFolder, name);
            if (!File.Exists(file) || LiveProcesses.In(path).Count > 0)
                continue; // of a living one git itself says so
            File.Delete(file);
            log.LockRemoved(file);
        }
    }

    private async Task EndHalvesAsync(CancellationToken cancellation)
    {
        foreach (var (mark, end) in Halves)
        {
            var at = Path.Combine(gitFolder, mark);
            if (!File.Exists(at) && !Directory.Exists(at))
                continue;
            log.Aborted(task.Id, end[0]);
            if ((await git.RunAsync(path, end, cancellation)).Succeeded)
                continue;
            // Too broken to be ended in good order: forget it, and keep the files.
            if (Directory.Exists(at))
                Directory.Delete(at, recursive: true);
            else if (File.Exists(at))
                File.Delete(at);
        }
    }

    /// <summary>Brings HEAD back to the task's branch, with what was committed elsewhere if it goes on from the branch, and without it otherwise.</summary>
    private async Task ToBranchAsync(CancellationToken cancellation)
    {
        var branch = Mirror.Local(task.Branch);
        if ((await git.RunAsync(path, ["symbolic-ref", "--quiet", "HEAD"], cancellation)).Line == branch)
            return;
        var head = await repositories.ResolveAsync(path, "HEAD", cancellation);
        var tip = await repositories.ResolveAsync(path, branch, cancellation);
        if (head is not null && head != tip)
        {
            if (tip is null || await repositories.AncestryAsync(path, tip, head, cancellation) == Ancestry.Yes)
                (await git.RunAsync(path, ["update-ref", branch, head, tip ?? ""], cancellation)).Must($"bringing {task.Branch} to {head}");
            else
                await repositories.KeepAsync(task.Id, mirror, head, "what was committed off the branch", cancellation);
        }

        if (await repositories.ResolveAsync(path, branch, cancellation) is { } now && now != head)
        {
            if (await IsChangedAsync(cancellation))
                await SnapshotAsync(cancellation);
            (await git.RunAsync(path, ["checkout", "--quiet", "--force", task.Branch, "--"], cancellation)).Must($"going back to {task.Branch}");
        }
        else
        {
            (await git.RunAsync(path, ["symbolic-ref", "HEAD", branch], cancellation)).Must($"going back to {task.Branch}");
        }
    }

    /// <summary>Keeps all that is not committed as a commit under a name of its own, and cleans the worktree. Ignored files stay: they are made, not written.</summary>
    private async Task SnapshotAsync(CancellationToken cancellation)
    {
        await CollectAsync("collecting what a run left", cancellation);
        if ((await git.RunAsync(path, ["diff", "--cached", "--quiet"], cancellation)).Must("looking for changes", 0, 1).ExitCode == 1)
        {
            var tree = (await git.RunAsync(path, ["write-tree"], cancellation)).Must("storing what a run left").Line;
            var head = await repositories.ResolveAsync(path, "HEAD", cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} has no commit.");
            var commit = (await git.RunAsync(path, ["commit-tree", tree, "-p", head, "-m", "Uncommitted work of an earlier step"], cancellation)).Must("storing what a run left").Line;
            await repositories.KeepAsync(task.Id, mirror, commit, "uncommitted work of an earlier step", cancellation);
        }

        (await git.RunAsync(path, ["reset", "--quiet", "--hard"], cancellation)).Must($"cleaning {path}");
        (await git.RunAsync(path, ["clean", "--quiet", "-ffd"], cancellation)).Must($"cleaning {path}");
    }

    private async Task CollectAsync(string what, CancellationToken cancellation)
    {
        await ShowAllAsync(cancellation);
        await OpenInnerAsync(cancellation);
        (await git.RunAsync(path, ["add", "--all"], cancellation)).Must(what);
    }

    /// <summary>Takes back what git was told to overlook: a suite would run on what is not committed. Files that were left out come back.</summary>
    private async Task ShowAllAsync(CancellationToken cancellation)
    {
        // A letter, a blank and a path: small means assumed to be unchanged, S left out.
        var overlooked = (await git.RunAsync(path, ["ls-files", "-v", "-z"], new GitCall(OutputBytes: LargestList), cancellation)).Must($"listing the files of {path}").Fields
            .Where(line => line.Length > 2 && (char.IsAsciiLetterLower(line[0]) || line[0] == 'S')).ToList();
        if (overlooked.Count == 0)
            return;
        foreach (var flag in (string[])["--no-assume-unchanged", "--no-skip-worktree"])
            (await git.RunAsync(path, ["update-index", "-z", flag, "--stdin"], new GitCall(Input: Listed(overlooked)), cancellation)).Must("looking at what git was told to overlook");
        var away = overlooked.Where(line => line[0] is 'S' or 's' && !Path.Exists(Path.Combine(path, line[2..])) && new FileInfo(Path.Combine(path, line[2..])).LinkTarget is null).ToList();
        if (away.Count > 0)
            (await git.RunAsync(path, ["checkout-index", "--quiet", "-z", "--stdin"], new GitCall(Input: Listed(away)), cancellation)).Must("bringing back what was left out");

        static string Listed(IEnumerable<string> lines) => string.Concat(lines.Select(line => line[2..] + '\0'));
    }

    /// <summary>Makes repositories that an agent made or cloned in its worktree plain folders: git would store the hash of their commit alone, which nobody else has. What makes them one is put beside the worktree.</summary>
    private async Task OpenInnerAsync(CancellationToken cancellation)
    {
        for (var depth = 0; depth < DeepestInner; depth++)
        {
            var inner = (await git.RunAsync(path, ["ls-files", "--others", "--exclude-standard", "-z"], new GitCall(OutputBytes: LargestList), cancellation)).Must($"looking for new files in {path}").Fields
                .Where(name => name.EndsWith('/')).Select(name => Path.Combine(path, name, ".git")).Where(Path.Exists).ToList(); // only a repository is listed as a folder
            if (inner.Count == 0)
                return;
            foreach (var own in inner)
            {
                var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.{time.GetUtcNow():yyyyMMddHHmmssfff}.{Guid.NewGuid():N}"); // it goes with the task's end
                if (new FileInfo(own) is { Exists: true } pointer)
                    pointer.Delete(); // what it leads to stays where it is
                else
                    Directory.Move(own, aside);
                log.InnerOpened(Path.GetDirectoryName(own)!, aside);
            }
        }
    }

    /// <summary>A link or a file where the notes belong is none of them: they would be written, and old ones removed, wherever it leads.</summary>
    private void FreeNotes()
    {
        var notes = Path.Combine(path, Worktree.Notes);
        if (new DirectoryInfo(notes).LinkTarget is not null || File.Exists(notes))
            File.Delete(notes);
    }

    // An agent that adds its notes by force would publish its prompt. A repository that has such a folder of its own keeps it as it is.
    private async Task HideNotesAsync(CancellationToken cancellation)
    {
        if ((await git.RunAsync(path, ["ls-tree", mirror.BaseRef, "--", Worktree.Notes], cancellation)).Must("looking for notes").Output.Length == 0)
            (await git.RunAsync(path, ["rm", "-r", "--quiet", "--cached", "--ignore-unmatch", "--", Worktree.Notes], cancellation)).Must("leaving the notes out");
        else
            (await git.RunAsync(path, ["restore", "--staged", $"--source={mirror.BaseRef}", "--", Worktree.Notes], cancellation)).Must("leaving the notes out");
    }
}
