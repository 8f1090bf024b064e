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
        var tree = await FindAsync(task, mirror, cancellation);
        if (tree is not null && !await tree.CleanAsync(cancellation))
            tree = null;
        var isReused = tree is not null;
        if (!isReused)
            MoveAside(mirror, path);

        var (start, pushed, known) = await StartAsync(task, mirror, baseTip, cancellation);
        if (tree is not null)
            await tree.MoveToAsync(start, cancellation);
        else
            await AddAsync(mirror, path, task.Branch, start, cancellation);
        if (known != pushed)
            await KnowAsync(mirror, task.Branch, pushed, cancellation);
        tree ??= await FindAsync(task, mirror, cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} is no worktree of {mirror.Name}, although git has just made it.");
        await tree.BeginStepAsync(cancellation);
        return new PreparedWorktree(path, start, !isReused, await tree.IsChangedAsync(cancellation));
    }

    /// <summary>Commits all that an agent left, as the service's own author, and brings the branch to it.</summary>
    /// <param name="task">Whose worktree.</param>
    /// <param name="message">The commit's message.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The branch's last commit, whether the agent or the service made it; full hash.</returns>
    public async Task<string> CommitAsync(DeliveryTask task, string message, CancellationToken cancellation)
    {
        using var held = await LockAsync(task.Id, cancellation);
        return await (await ExistingAsync(task, cancellation)).CommitAsync(message, cancellation);
    }

    /// <summary>Pushes the task's branch, where the remote's is still what the worktree took in.</summary>
    public async Task<PushEnd> PushAsync(DeliveryTask task, CancellationToken cancellation)
    {
        using var held = await LockAsync(task.Id, cancellation);
        var tree = await ExistingAsync(task, cancellation);
        var (mirror, path) = (tree.Mirror, tree.Folder);
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

    private async Task<TaskWorktree> ExistingAsync(DeliveryTask task, CancellationToken cancellation)
    {
        var mirror = repositories.Of(task.Repository);
        Pushes.Refuse(mirror, task.Branch);
        await repositories.OwnAsync(mirror, cancellation); // the agent could write it
        return await FindAsync(task, mirror, cancellation)
            ?? throw new GitFailedException(GitFault.FolderMissing, $"{Worktree.PathOf(options, task)} is no worktree of {mirror.Name}: it was not prepared on this host, or somebody removed it.");
    }

    /// <summary>The task's worktree; null if there is none, or what stands in its place is none of the mirror's.</summary>
    private async Task<TaskWorktree?> FindAsync(DeliveryTask task, Mirror mirror, CancellationToken cancellation)
    {
        var path = Worktree.PathOf(options, task);
        // A link, or a folder whose .git leads elsewhere, is none: git would work in whatever it names.
        if (!Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null || !File.Exists(Path.Combine(path, ".git")))
            return null;
        if (!IsOwn(path))
            return null; // it leads to another task's: what is committed there would be committed to that one's branch
        var top = await git.RunAsync(path, ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", "--git-dir"], cancellation);
        return top.Succeeded && top.Text.Split('\n') is [var at, var common, var folder, ..] && RealPath.Same(at, path) && RealPath.Same(common, mirror.Path)
            ? new TaskWorktree(task, mirror, path, folder, git, repositories, time, log) : null;
    }

    // git keeps on both sides where the other is.
    private static bool IsOwn(string path)
    {
        const string Leads = "gitdir: ";
        try
        {
            var there = File.ReadAllText(Path.Combine(path, ".git")).Trim();
            return there.StartsWith(Leads, StringComparison.Ordinal)
                && Path.GetDirectoryName(File.ReadAllText(Path.Combine(path, there[Leads.Length..], "gitdir")).Trim()) is { Length: > 0 } back && RealPath.Same(back, path);
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

    private bool IsMirror(string path) => Path.GetDirectoryName(path) is { } parent && RealPath.Same(parent, Path.Combine(options.Folder, "mirrors"));

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
            await repositories.KeepAsync(task.Id, mirror, aside, "a branch that somebody else pushed over", cancellation);
        return (start.Commit, pushed, known);
    }

    private async Task AddAsync(Mirror mirror, string path, string branch, string start, CancellationToken cancellation)
    {
        using var held = await repositories.LockAsync(mirror, cancellation);
        await repositories.ForgetAsync(mirror.Path, path, cancellation);
        Directory.CreateDirectory(Root);
        string[] add = ["worktree", "add", "--quiet", "--force", "--no-track", "-B", branch, path, start];
        // --force takes a path that is listed and gone; it would also take a branch that another worktree has, so that is looked at first.
        if (await HolderAsync(mirror, branch, cancellation) is { } other && !RealPath.Same(other, path))
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
        if (!RealPath.Same(Path.GetDirectoryName(other) ?? "", Root) || LiveProcesses.In(other) is { Count: > 0 })
            throw new GitFailedException(GitFault.Busy, $"The branch {branch} of {mirror.Name} is checked out at {other}. Remove that worktree, or end who works in it.");
        (await git.RunAsync(other, ["checkout", "--quiet", "--detach"], cancellation)).Must($"taking the branch {branch} from {other}");
    }

    // ------------------------------------------------------------------ names and folders

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
            await repositories.KeepAsync(task.Id, mirror, tip, "a branch that was not pushed", cancellation);
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
}
