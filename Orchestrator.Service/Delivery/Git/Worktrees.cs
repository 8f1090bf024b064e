using System.Globalization;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Agents;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>A worktree that somebody may work in.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Head">Full hash of the branch's last commit.</param>
/// <param name="Created">Was it made now?</param>
/// <param name="Uncommitted">Does it hold work that is not committed, of an earlier run of the same step?</param>
internal sealed record PreparedWorktree(string Path, string Head, bool Created, bool Uncommitted);

/// <summary>
/// The worktree of each task: made from the pushed branch or the base, cleaned of what a lost run left half done, committed when an agent has ended, pushed, removed. Uncommitted work
/// is kept for a further run of the same step, which goes on where the lost one stopped; work of another step is put aside as a commit under refs/orchestrator/left. Nothing is thrown
/// away, and nothing outside the worktree and its mirror is touched.
/// </summary>
internal sealed class Worktrees(DeliveryOptions options, GitRunner git, Repositories repositories, Pushes pushes, TimeProvider time, ILogger<Worktrees> log)
{
    private const string StepFile = "orchestrator-step";
    private const int LargestList = 64 << 20;
    private const int DeepestInner = 20;

    // What git leaves in the worktree's own folder while it is in the middle of something, and how it is ended.
    private static readonly (string Mark, string[] End)[] Halves =
    [
        ("rebase-merge", ["rebase", "--abort"]), ("rebase-apply/applying", ["am", "--abort"]), ("rebase-apply", ["rebase", "--abort"]), ("MERGE_HEAD", ["merge", "--abort"]),
        ("CHERRY_PICK_HEAD", ["cherry-pick", "--abort"]), ("REVERT_HEAD", ["revert", "--abort"]), ("BISECT_LOG", ["bisect", "reset", "HEAD"]),
    ];

    private string Root => Path.Combine(options.Folder, "worktrees");

    /// <summary>Fetches, and makes the task's worktree or cleans the one that is there.</summary>
    /// <exception cref="GitFailedException">It can't be had; the fault says whether that may pass.</exception>
    public async Task<PreparedWorktree> PrepareAsync(DeliveryTask task, CancellationToken cancellation)
    {
        var mirror = await repositories.FetchAsync(task.Repository, cancellation);
        Pushes.Refuse(mirror, task.Branch);
        if (await repositories.ResolveAsync(mirror.Path, mirror.BaseRef, cancellation) is not { } baseTip)
            throw new GitFailedException(GitFault.Misconfigured, $"{mirror.Name} has no branch {mirror.Base}. Set Orchestrator:Delivery:Repositories:{mirror.Name}:Base.");
        using var held = await LockAsync(task.Id, cancellation);
        var path = Worktree.PathOf(options, task);
        var reused = await GitFolderAsync(mirror, path, cancellation);
        if (reused is not null && !await IsCleanedAsync(task, mirror, path, reused, cancellation))
            reused = null;
        if (reused is null)
            MoveAside(mirror, path);

        var (start, pushed, known) = await StartAsync(task, mirror, baseTip, cancellation);
        if (reused is null)
            await AddAsync(mirror, path, task.Branch, start, cancellation);
        else
            await MoveToAsync(task, mirror, path, start, cancellation);
        if (known != pushed)
            await KnowAsync(mirror, task.Branch, pushed, cancellation);
        var folder = reused ?? await GitFolderAsync(mirror, path, cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} is no worktree of {mirror.Name}, although git has just made it.");
        await File.WriteAllTextAsync(Path.Combine(folder, StepFile), Step(task), cancellation);
        FreeNotes(path);
        return new PreparedWorktree(path, start, reused is null, await IsChangedAsync(path, cancellation));
    }

    /// <summary>Commits all that an agent left, as the service's own author, and brings the branch to it.</summary>
    /// <param name="task">Whose worktree.</param>
    /// <param name="message">The commit's message.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The branch's last commit, whether the agent or the service made it; full hash.</returns>
    public async Task<string> CommitAsync(DeliveryTask task, string message, CancellationToken cancellation)
    {
        using var held = await LockAsync(task.Id, cancellation);
        var (mirror, path, folder) = await ExistingAsync(task, cancellation);
        RemoveLocks(path, folder);
        await EndHalvesAsync(task, path, folder, cancellation); // half a merge would be committed with its conflict marks
        await CollectAsync(path, "collecting what the agent left", cancellation);
        await HideNotesAsync(mirror, path, cancellation);
        if ((await git.RunAsync(path, ["diff", "--cached", "--quiet"], cancellation)).Must("looking for changes", 0, 1).ExitCode == 1)
            (await git.RunAsync(path, ["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--file=-"], new GitCall(Input: message), cancellation)).Must("committing what the agent left");
        await ToBranchAsync(task, mirror, path, cancellation);
        return await repositories.ResolveAsync(path, "HEAD", cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} has no commit.");
    }

    /// <summary>Pushes the task's branch, where the remote's is still what the worktree took in.</summary>
    public async Task<PushEnd> PushAsync(DeliveryTask task, CancellationToken cancellation)
    {
        using var held = await LockAsync(task.Id, cancellation);
        var (mirror, path, _) = await ExistingAsync(task, cancellation);
        var here = await repositories.ResolveAllAsync(path, [Mirror.Local(task.Branch), Mirror.Known(task.Branch)], cancellation);
        var head = here[Mirror.Local(task.Branch)] ?? throw new GitFailedException(GitFault.Failed, $"{path} has no branch {task.Branch}.");
        var known = here[Mirror.Known(task.Branch)];
        var end = await pushes.PushAsync(mirror, path, task.Branch, head, known, cancellation);
        // The agent's own push of a part of this, for instance: all of it is in what goes over it, so nothing is lost.
        if (end is PushEnd.Stale { Found: { } found } && await repositories.AncestryAsync(path, found, head, cancellation) == Ancestry.Yes)
            end = await pushes.PushAsync(mirror, path, task.Branch, head, found, cancellation);
        if (end is PushEnd.Pushed or PushEnd.Unchanged && head != known)
            await KnowAsync(mirror, task.Branch, head, cancellation);
        return end;
    }

    /// <summary>Removes the worktree of a task that has ended, and its branch on this host. Commits that were pushed nowhere are put aside.</summary>
    public async Task RemoveAsync(DeliveryTask task, CancellationToken cancellation)
    {
        using var held = await LockAsync(task.Id, cancellation);
        await RemoveAsync(repositories.Of(task.Repository).Path, Worktree.PathOf(options, task), cancellation);
        await ForgetBranchAsync(task, cancellation);
    }

    /// <summary>Removes worktrees of tasks that are not open any more, with their branches on this host. One that can't be removed does not stop the others.</summary>
    /// <param name="find">Asked after the folders were listed: these tasks as they are; those that are known no more are left out.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> PruneAsync(Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyList<DeliveryTask>>> find, CancellationToken cancellation)
    {
        if (!Directory.Exists(Root))
            return 0;
        var folders = Directory.EnumerateDirectories(Root).Select(path => (Path: path, Task: TaskOf(path))).Where(entry => entry.Task is not null).ToList();
        var tasks = folders.Count == 0 ? [] : (await find([.. folders.Select(entry => entry.Task!.Value).Distinct()], cancellation)).ToDictionary(task => task.Id);
        var removed = 0;
        foreach (var (path, task) in folders.Where(entry => tasks.GetValueOrDefault(entry.Task!.Value) is not { EndedAt: null }))
        {
            using var held = FolderLock.TryTake(LockOf(task!.Value));
            if (held is null)
                continue;
            try
            {
                var common = await CommonAsync(path, cancellation);
                await RemoveAsync(common is not null && IsMirror(common) ? common : null, path, cancellation);
                if (tasks.TryGetValue(task.Value, out var ended))
                    await ForgetBranchAsync(ended, cancellation);
                log.Removed(path);
                removed++;
            }
            catch (Exception exception) when (exception is GitFailedException or IOException or UnauthorizedAccessException)
            {
                log.NotRemoved(path, exception.Message);
            }
        }

        return removed;
    }

    // ------------------------------------------------------------------ what is there

    private async Task<(Mirror Mirror, string Path, string GitFolder)> ExistingAsync(DeliveryTask task, CancellationToken cancellation)
    {
        var (mirror, path) = (repositories.Of(task.Repository), Worktree.PathOf(options, task));
        Pushes.Refuse(mirror, task.Branch);
        await repositories.OwnAsync(mirror, cancellation); // the agent could write it
        return await GitFolderAsync(mirror, path, cancellation) is { } folder ? (mirror, path, folder)
            : throw new GitFailedException(GitFault.FolderMissing, $"{path} is no worktree of {mirror.Name}: it was not prepared on this host, or somebody removed it.");
    }

    /// <summary>Where git keeps what is the worktree's own: its index, its locks, what it is in the middle of. Null if the path is no worktree of the mirror.</summary>
    private async Task<string?> GitFolderAsync(Mirror mirror, string path, CancellationToken cancellation)
    {
        // A link, or a folder whose .git leads elsewhere, is none: git would work in whatever it names.
        if (!Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null || !File.Exists(Path.Combine(path, ".git")))
            return null;
        if (!IsOwn(path))
            return null; // it leads to another task's: what is committed there would be committed to that one's branch
        var top = await git.RunAsync(path, ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", "--git-dir"], cancellation);
        return top.Succeeded && top.Text.Split('\n') is [var at, var common, var own, ..] && Same(at, path) && Same(common, mirror.Path) ? own : null;
    }

    // git keeps on both sides where the other is.
    private static bool IsOwn(string path)
    {
        const string Leads = "gitdir: ";
        try
        {
            var there = File.ReadAllText(Path.Combine(path, ".git")).Trim();
            return there.StartsWith(Leads, StringComparison.Ordinal)
                && Path.GetDirectoryName(File.ReadAllText(Path.Combine(path, there[Leads.Length..], "gitdir")).Trim()) is { Length: > 0 } back && Same(back, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<string?> CommonAsync(string path, CancellationToken cancellation)
    {
        if (new DirectoryInfo(path).LinkTarget is not null || !File.Exists(Path.Combine(path, ".git")))
            return null;
        var common = await git.RunAsync(path, ["rev-parse", "--path-format=absolute", "--git-common-dir"], cancellation);
        return common.Succeeded ? common.Line : null;
    }

    private bool IsMirror(string path) => Path.GetDirectoryName(path) is { } parent && Same(parent, Path.Combine(options.Folder, "mirrors"));

    private async Task<bool> IsChangedAsync(string path, CancellationToken cancellation) =>
        (await git.RunAsync(path, ["status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=none"], cancellation)).Must($"looking for changes in {path}").Output.Length > 0;

    // ------------------------------------------------------------------ where work goes on

    private async Task<(string Commit, string? Pushed, string? Known)> StartAsync(DeliveryTask task, Mirror mirror, string baseTip, CancellationToken cancellation)
    {
        var here = await repositories.ResolveAllAsync(mirror.Path, [Mirror.Local(task.Branch), Mirror.Fetched(task.Branch), Mirror.Known(task.Branch)], cancellation);
        var (local, pushed, known) = (here[Mirror.Local(task.Branch)], here[Mirror.Fetched(task.Branch)], here[Mirror.Known(task.Branch)]);
        var standing = local is null || pushed is null || local == pushed ? Standing.Same
            : await repositories.AncestryAsync(mirror.Path, pushed, local, cancellation) == Ancestry.Yes ? Standing.Ahead
            : await repositories.AncestryAsync(mirror.Path, local, pushed, cancellation) == Ancestry.Yes ? Standing.Behind
            : Standing.Diverged;
        var start = BranchStart.Of(local, pushed, known, baseTip, standing);
        if (start.Aside is { } aside)
            await KeepAsync(task.Id, mirror, aside, "a branch that somebody else pushed over", cancellation);
        return (start.Commit, pushed, known);
    }

    private async Task AddAsync(Mirror mirror, string path, string branch, string start, CancellationToken cancellation)
    {
        using var held = await repositories.LockAsync(mirror, cancellation);
        await repositories.ForgetAsync(mirror.Path, path, cancellation);
        Directory.CreateDirectory(Root);
        string[] add = ["worktree", "add", "--quiet", "--force", "--no-track", "-B", branch, path, start];
        // --force takes a path that is listed and gone; it would also take a branch that another worktree has, so that is looked at first.
        if (await HolderAsync(mirror, branch, cancellation) is { } other && !Same(other, path))
            await FreeAsync(mirror, branch, other, cancellation);
        (await git.RunAsync(mirror.Path, add, cancellation)).Must($"making the worktree {path}");
    }

    /// <summary>The worktree that has the branch.</summary>
    private async Task<string?> HolderAsync(Mirror mirror, string branch, CancellationToken cancellation)
    {
        string? at = null;
        foreach (var field in (await git.RunAsync(mirror.Path, ["worktree", "list", "--porcelain", "-z"], cancellation)).Must($"listing the worktrees of {mirror.Name}").Text.Split('\0'))
        {
            if (field.StartsWith("worktree ", StringComparison.Ordinal))
                at = field["worktree ".Length..];
            else if (field == $"branch {Mirror.Local(branch)}")
                return at;
        }

        return null;
    }

    // Only one open task has a branch, so the other one has ended: its files stay, its hold on the branch goes.
    private async Task FreeAsync(Mirror mirror, string branch, string other, CancellationToken cancellation)
    {
        if (!Same(Path.GetDirectoryName(other) ?? "", Root) || LiveProcesses.In(other) is { Count: > 0 })
            throw new GitFailedException(GitFault.Busy, $"The branch {branch} of {mirror.Name} is checked out at {other}. Remove that worktree, or end who works in it.");
        (await git.RunAsync(other, ["checkout", "--quiet", "--detach"], cancellation)).Must($"taking the branch {branch} from {other}");
    }

    private async Task MoveToAsync(DeliveryTask task, Mirror mirror, string path, string start, CancellationToken cancellation)
    {
        if (await repositories.ResolveAsync(path, "HEAD", cancellation) == start)
            return;
        // Uncommitted work comes along where git can carry it over.
        if ((await git.RunAsync(path, ["merge", "--quiet", "--ff-only", start], cancellation)).Succeeded)
            return;
        await SnapshotAsync(task, mirror, path, cancellation);
        (await git.RunAsync(path, ["reset", "--quiet", "--hard", start], cancellation)).Must($"bringing {path} to {start}");
    }

    // ------------------------------------------------------------------ what a lost run left

    /// <summary>False if git can't make sense of the worktree any more: it is put aside as a whole then, and made anew.</summary>
    private async Task<bool> IsCleanedAsync(DeliveryTask task, Mirror mirror, string path, string gitFolder, CancellationToken cancellation)
    {
        try
        {
            await CleanAsync(task, mirror, path, gitFolder, cancellation);
            return true;
        }
        catch (GitFailedException failed) when (failed.Fault == GitFault.Failed && LiveProcesses.In(path).Count == 0)
        {
            log.NotCleaned(task.Id, failed.Message);
            return false;
        }
    }

    private async Task CleanAsync(DeliveryTask task, Mirror mirror, string path, string gitFolder, CancellationToken cancellation)
    {
        RemoveLocks(path, gitFolder);
        await EndHalvesAsync(task, path, gitFolder, cancellation);
        await ShowAllAsync(path, cancellation);
        var stepFile = Path.Combine(gitFolder, StepFile);
        var sameStep = File.Exists(stepFile) && await File.ReadAllTextAsync(stepFile, cancellation) == Step(task);
        if (!sameStep && await IsChangedAsync(path, cancellation))
            await SnapshotAsync(task, mirror, path, cancellation);
        await ToBranchAsync(task, mirror, path, cancellation);
    }

    private void RemoveLocks(string path, string gitFolder)
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

    private async Task EndHalvesAsync(DeliveryTask task, string path, string gitFolder, CancellationToken cancellation)
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
    private async Task ToBranchAsync(DeliveryTask task, Mirror mirror, string path, CancellationToken cancellation)
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
                await KeepAsync(task.Id, mirror, head, "what was committed off the branch", cancellation);
        }

        if (await repositories.ResolveAsync(path, branch, cancellation) is { } now && now != head)
        {
            if (await IsChangedAsync(path, cancellation))
                await SnapshotAsync(task, mirror, path, cancellation);
            (await git.RunAsync(path, ["checkout", "--quiet", "--force", task.Branch, "--"], cancellation)).Must($"going back to {task.Branch}");
        }
        else
        {
            (await git.RunAsync(path, ["symbolic-ref", "HEAD", branch], cancellation)).Must($"going back to {task.Branch}");
        }
    }

    /// <summary>Keeps all that is not committed as a commit under a name of its own, and cleans the worktree. Ignored files stay: they are made, not written.</summary>
    private async Task SnapshotAsync(DeliveryTask task, Mirror mirror, string path, CancellationToken cancellation)
    {
        await CollectAsync(path, "collecting what a run left", cancellation);
        if ((await git.RunAsync(path, ["diff", "--cached", "--quiet"], cancellation)).Must("looking for changes", 0, 1).ExitCode == 1)
        {
            var tree = (await git.RunAsync(path, ["write-tree"], cancellation)).Must("storing what a run left").Line;
            var head = await repositories.ResolveAsync(path, "HEAD", cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} has no commit.");
            var commit = (await git.RunAsync(path, ["commit-tree", tree, "-p", head, "-m", "Uncommitted work of an earlier step"], cancellation)).Must("storing what a run left").Line;
            await KeepAsync(task.Id, mirror, commit, "uncommitted work of an earlier step", cancellation);
        }

        (await git.RunAsync(path, ["reset", "--quiet", "--hard"], cancellation)).Must($"cleaning {path}");
        (await git.RunAsync(path, ["clean", "--quiet", "-ffd"], cancellation)).Must($"cleaning {path}");
    }

    private async Task CollectAsync(string path, string what, CancellationToken cancellation)
    {
        await ShowAllAsync(path, cancellation);
        await OpenInnerAsync(path, cancellation);
        (await git.RunAsync(path, ["add", "--all"], cancellation)).Must(what);
    }

    /// <summary>Takes back what git was told to overlook: a suite would run on what is not committed. Files that were left out come back.</summary>
    private async Task ShowAllAsync(string path, CancellationToken cancellation)
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
    private async Task OpenInnerAsync(string path, CancellationToken cancellation)
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
    private static void FreeNotes(string path)
    {
        var notes = Path.Combine(path, Worktree.Notes);
        if (new DirectoryInfo(notes).LinkTarget is not null || File.Exists(notes))
            File.Delete(notes);
    }

    // An agent that adds its notes by force would publish its prompt. A repository that has such a folder of its own keeps it as it is.
    private async Task HideNotesAsync(Mirror mirror, string path, CancellationToken cancellation)
    {
        if ((await git.RunAsync(path, ["ls-tree", mirror.BaseRef, "--", Worktree.Notes], cancellation)).Must("looking for notes").Output.Length == 0)
            (await git.RunAsync(path, ["rm", "-r", "--quiet", "--cached", "--ignore-unmatch", "--", Worktree.Notes], cancellation)).Must("leaving the notes out");
        else
            (await git.RunAsync(path, ["restore", "--staged", $"--source={mirror.BaseRef}", "--", Worktree.Notes], cancellation)).Must("leaving the notes out");
    }

    // ------------------------------------------------------------------ names and folders

    private async Task KeepAsync(Guid task, Mirror mirror, string commit, string what, CancellationToken cancellation)
    {
        var name = Mirror.Left(task, commit);
        (await git.RunAsync(mirror.Path, ["update-ref", name, commit], cancellation)).Must($"keeping {commit}");
        log.PutAside(task, what, name, mirror.Path);
    }

    private async Task KnowAsync(Mirror mirror, string branch, string? commit, CancellationToken cancellation) =>
        (await git.RunAsync(mirror.Path, commit is null ? ["update-ref", "-d", Mirror.Known(branch)] : ["update-ref", Mirror.Known(branch), commit], cancellation)).Must($"remembering {branch}");

    private async Task RemoveAsync(string? mirror, string path, CancellationToken cancellation)
    {
        if (LiveProcesses.In(path) is { Count: > 0 } living)
            throw new GitFailedException(GitFault.Busy, $"Process {string.Join(", ", living)} works in {path}.");
        var folder = new DirectoryInfo(path);
        if (folder.LinkTarget is not null)
            folder.Delete(); // the link, not where it leads
        else if (folder.Exists)
            folder.Delete(recursive: true); // follows no link
        if (mirror is null || !Directory.Exists(mirror))
            return;
        using var held = await FolderLock.TakeAsync(mirror + ".lock", time, cancellation);
        await repositories.ForgetAsync(mirror, path, cancellation);
    }

    // The branch of this host alone; commits that were pushed nowhere are put aside.
    private async Task ForgetBranchAsync(DeliveryTask task, CancellationToken cancellation)
    {
        var mirror = repositories.Of(task.Repository);
        if (!Directory.Exists(mirror.Path) || await repositories.ResolveAsync(mirror.Path, Mirror.Local(task.Branch), cancellation) is not { } tip)
            return;
        if (await repositories.ResolveAsync(mirror.Path, Mirror.Known(task.Branch), cancellation) != tip && await repositories.AncestryAsync(mirror.Path, tip, mirror.BaseRef, cancellation) != Ancestry.Yes)
            await KeepAsync(task.Id, mirror, tip, "a branch that was not pushed", cancellation);
        (await git.RunAsync(mirror.Path, ["branch", "--quiet", "-D", task.Branch], cancellation)).Must($"removing the branch {task.Branch}");
        await KnowAsync(mirror, task.Branch, null, cancellation);
    }

    private void MoveAside(Mirror mirror, string path)
    {
        var folder = new DirectoryInfo(path);
        if (folder.LinkTarget is not null)
        {
            folder.Delete();
        }
        else if (folder.Exists)
        {
            var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.{time.GetUtcNow():yyyyMMddHHmmssfff}");
            folder.MoveTo(aside); // it goes with the task's end
            log.MovedAside(path, mirror.Path, aside);
        }
    }

    private Task<FolderLock> LockAsync(Guid task, CancellationToken cancellation) => FolderLock.TakeAsync(LockOf(task), time, cancellation);

    private string LockOf(Guid task) => Path.Combine(Root, $"{task:N}.lock");

    private static Guid? TaskOf(string path) => Guid.TryParseExact(Path.GetFileName(path).Split('.')[0], "N", out var task) ? task : null;

    private static string Step(DeliveryTask task) => task.Step.ToString(CultureInfo.InvariantCulture);

    private static bool Same(string one, string other) => Real(one) == Real(other);

    // The folder that holds all may itself stand behind a link.
    private static string Real(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (var at = full; Path.GetDirectoryName(at) is { } parent; at = parent)
        {
            if (Directory.Exists(at) && Directory.ResolveLinkTarget(at, returnFinalTarget: true) is { } target)
                return Real(string.Concat(target.FullName, full.AsSpan(at.Length)));
        }

        return full;
    }
}
