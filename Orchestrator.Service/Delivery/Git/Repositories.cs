using System.Text;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>A bare copy of a repository on this host, which all worktrees of it share.</summary>
/// <param name="Name">As the forge names it.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Remote">Where it is fetched from and pushed to.</param>
/// <param name="Base">The branch that tasks go into.</param>
internal sealed record Mirror(RepositoryName Name, string Path, string Remote, string Base)
{
    /// <summary>The base branch as last fetched.</summary>
    public string BaseRef => Fetched(Base);

    /// <summary>A branch as last fetched.</summary>
    public static string Fetched(string branch) => $"refs/remotes/origin/{branch}";

    /// <summary>A branch of worktrees.</summary>
    public static string Local(string branch) => $"refs/heads/{branch}";

    /// <summary>What the remote's branch was when the worktree took it in: who finds something else there pushes over another's work.</summary>
    public static string Known(string branch) => $"refs/orchestrator/known/{branch}";

    /// <summary>Work that was put aside, kept by its hash.</summary>
    public static string Left(Guid task, string sha) => $"refs/orchestrator/left/{task:N}/{sha}";
}

/// <summary>Is one commit reached from another?</summary>
internal enum Ancestry
{
    Yes,
    No,

    /// <summary>One of them is not there: neither yes nor no.</summary>
    CannotTell,
}

/// <summary>One bare mirror for each repository of a host. What was fetched stands under refs/remotes/origin, so that no fetch touches a branch that a worktree writes.</summary>
internal sealed class Repositories(DeliveryOptions options, GitRunner git, TimeProvider time, ILogger<Repositories> log)
{
    private const string FetchSpec = "+refs/heads/*:refs/remotes/origin/*";

    private static readonly EnumerationOptions NoLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    // git holds such a lock for moments.
    private static readonly TimeSpan OldLock = TimeSpan.FromMinutes(1);

    private string Folder => Path.Combine(options.Folder, "mirrors");

    /// <summary>Where a repository is, by the settings.</summary>
    /// <exception cref="GitFailedException">Its name or the settings are not fit for it.</exception>
    public Mirror Of(string repository)
    {
        var name = RepositoryName.Of(repository) ?? throw new GitFailedException(GitFault.Misconfigured, $"'{repository}' is no repository: write owner/name.");
        var own = options.Repositories.GetValueOrDefault(repository);
        var remote = own?.Remote is { Length: > 0 } given ? given : options.Remote.Replace("{repository}", options.Spelled(repository), StringComparison.Ordinal);
        if (remote.Length == 0)
            throw new GitFailedException(GitFault.Misconfigured, $"Nothing says where {repository} is. Set Orchestrator:Delivery:Remote, or Orchestrator:Delivery:Repositories:{repository}:Remote.");
        return new Mirror(name, Path.Combine(Folder, name.Folder + ".git"), remote, options.BaseOf(repository));
    }

    /// <summary>Makes the mirror if there is none, and brings it up to date. Of all processes of the host one fetches at a time.</summary>
    public async Task<Mirror> FetchAsync(string repository, CancellationToken cancellation)
    {
        var mirror = Of(repository);
        using var held = await LockAsync(mirror, cancellation);
        RemoveOldLocks(mirror);
        await MakeAsync(mirror, cancellation);
        await FetchAsync(mirror, cancellation);
        return mirror;
    }

    private async Task FetchAsync(Mirror mirror, CancellationToken cancellation)
    {
        // All of the history: an agent that fetched the end of it only has cut it off for everybody.
        string[] whole = File.Exists(Path.Combine(mirror.Path, "shallow")) ? ["--unshallow"] : [];
        (await git.RunAsync(mirror.Path, ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", .. whole, mirror.Remote, FetchSpec], new GitCall(mirror.Remote), cancellation))
            .Must($"fetching {mirror.Name} from {RemoteRule.Shown(mirror.Remote)}");
    }

    /// <summary>Keeps a commit that no branch holds under a name of its own.</summary>
    public async Task KeepAsync(Guid task, Mirror mirror, string commit, string what, CancellationToken cancellation)
    {
        var name = Mirror.Left(task, commit);
        (await git.RunAsync(mirror.Path, ["update-ref", name, commit], cancellation)).Must($"keeping {commit}");
        log.PutAside(task, what, name, mirror.Path);
    }

    /// <summary>Forgets worktrees whose folders are gone, in all mirrors of this host; at start, before anything is checked out.</summary>
    public async Task PruneAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Folder))
            return;
        foreach (var path in Directory.EnumerateDirectories(Folder, "*.git"))
        {
            using var held = await FolderLock.TakeAsync(LockOf(path), time, cancellation);
            await git.RunAsync(path, ["worktree", "prune"], cancellation); // a broken mirror is told by the next fetch
        }
    }

    /// <summary>Forgets a worktree whose folder is gone. Under the mirror's lock.</summary>
    public async Task ForgetAsync(string mirror, string path, CancellationToken cancellation)
    {
        await git.RunAsync(mirror, ["worktree", "unlock", path], cancellation); // git locks it while it makes it, and killed then, leaves it so; of another it says that it is not locked
        (await git.RunAsync(mirror, ["worktree", "prune"], cancellation)).Must($"forgetting {path}");
    }

    /// <summary>Makes a mirror that agents could write to the service's own again: its settings, and its history where somebody fetched a part of it only.</summary>
    public async Task OwnAsync(Mirror mirror, CancellationToken cancellation)
    {
        if (!Directory.Exists(mirror.Path))
            return;
        using var held = await LockAsync(mirror, cancellation);
        await WriteSettingsAsync(mirror, cancellation);
        if (File.Exists(Path.Combine(mirror.Path, "shallow")))
            await FetchAsync(mirror, cancellation);
    }

    /// <summary>Held while the list of worktrees or the settings of a mirror change.</summary>
    public Task<FolderLock> LockAsync(Mirror mirror, CancellationToken cancellation) => FolderLock.TakeAsync(LockOf(mirror.Path), time, cancellation);

    /// <summary>The commit that a name stands for; null if there is none. To be asked before any command that answers a bad name like a negative.</summary>
    public async Task<string?> ResolveAsync(string folder, string name, CancellationToken cancellation)
    {
        var found = (await git.RunAsync(folder, ["rev-parse", "--verify", "--quiet", $"{name}^{{commit}}"], cancellation)).Must($"looking for {name}", 0, 1);
        return found.ExitCode == 0 ? found.Line : null;
    }

    /// <summary>The commits of these branches, by full names, in one question; null for those that are not there.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> ResolveAllAsync(string folder, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var found = (await git.RunAsync(folder, ["for-each-ref", "--format=%(objectname) %(refname)", .. names], cancellation)).Must($"looking for {string.Join(", ", names)}").Text.Split('\n');
        return names.ToDictionary(name => name, name => found.FirstOrDefault(line => line.EndsWith(" " + name, StringComparison.Ordinal))?.Split(' ')[0], StringComparer.Ordinal);
    }

    /// <summary>Is <paramref name="ancestor"/> reached from <paramref name="descendant"/>?</summary>
    public async Task<Ancestry> AncestryAsync(string folder, string ancestor, string descendant, CancellationToken cancellation)
    {
        var answer = await git.RunAsync(folder, ["merge-base", "--is-ancestor", ancestor, descendant], cancellation);
        return answer.Fault != GitFault.None ? throw new GitFailedException(answer.Fault, answer.Error)
            : answer.ExitCode switch { 0 => Ancestry.Yes, 1 => Ancestry.No, _ => Ancestry.CannotTell };
    }

    // What a killed git left: nobody ever removes it, and each later command would wait for a person. Agents' own commands take the same locks, so none may be at work that could hold one.
    private void RemoveOldLocks(Mirror mirror)
    {
        var references = Path.Combine(mirror.Path, "refs");
        if (!Directory.Exists(references))
            return;
        var before = time.GetUtcNow().UtcDateTime - OldLock;
        var old = Directory.EnumerateFiles(mirror.Path, "*.lock")
            .Concat(Directory.EnumerateFiles(references, "*.lock", NoLinks)) // an agent can write links there
            .Where(file => File.GetLastWriteTimeUtc(file) < before).ToList();
        if (old.Count == 0 || LiveProcesses.In(options.Folder).Any(LiveProcesses.IsGit))
            return;
        foreach (var file in old)
        {
            File.Delete(file);
            log.LockRemoved(file);
        }
    }

    private async Task MakeAsync(Mirror mirror, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(mirror.Path, "HEAD")))
        {
            Directory.CreateDirectory(mirror.Path);
            // Without a template no hook of the machine comes along. Half made, it is made again.
            (await git.RunAsync(mirror.Path, ["init", "--quiet", "--bare", "--template=", "--initial-branch=none"], cancellation)).Must($"making {mirror.Path}");
        }

        await WriteSettingsAsync(mirror, cancellation);
        var exclude = Path.Combine(mirror.Path, "info", "exclude");
        var hidden = $"/{Agents.Worktree.Notes}/\n";
        if (!File.Exists(exclude) || await File.ReadAllTextAsync(exclude, cancellation) != hidden)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(exclude)!);
            await File.WriteAllTextAsync(exclude, hidden, cancellation);
        }
    }

    /// <summary>
    /// Makes the settings the service's own again. Agents share them, and could have named another place for the remote's address, a program to be run on each file, or written what git
    /// can't read, for all tasks of the repository. The name and address that an agent commits under stay.
    /// </summary>
    private async Task WriteSettingsAsync(Mirror mirror, CancellationToken cancellation)
    {
        var (file, grafts) = (Path.Combine(mirror.Path, "config"), Path.Combine(mirror.Path, "info", "grafts"));
        if (File.Exists(grafts))
            File.Delete(grafts); // other parents than a commit has
        var ours = $"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[remote \"origin\"]\n\turl = {Quoted(mirror.Remote)}\n\tfetch = {FetchSpec}\n";
        var found = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : "";
        if (found == ours)
            return;
        var user = new StringBuilder();
        foreach (var key in (string[])["name", "email"])
        {
            // Asked from outside: in the mirror git would read, and perhaps refuse, the file first.
            if (await git.RunAsync(Folder, ["config", "--file", file, "--get", $"user.{key}"], cancellation) is { Succeeded: true, Line: { Length: > 0 } value } && !value.Any(char.IsControl))
                user.Append('\t').Append(key).Append(" = ").Append(Quoted(value)).Append('\n');
        }

        var wanted = user.Length == 0 ? ours : $"{ours}[user]\n{user}";
        if (found == wanted)
            return;
        var held = $"{file}.lock"; // as git does it: of two that write, one comes second
        FileStream written;
        try
        {
            written = new FileStream(held, FileMode.CreateNew, FileAccess.Write);
        }
        catch (IOException) when (File.Exists(held))
        {
            throw new GitFailedException(GitFault.Busy, $"Somebody writes the settings of {mirror.Path}: {held} is there. It is removed when it is old and no git is at work.");
        }

        try
        {
            await using (written)
                await written.WriteAsync(Encoding.UTF8.GetBytes(wanted), cancellation);
            File.Move(held, file, overwrite: true);
        }
        catch
        {
            File.Delete(held); // it is ours
            throw;
        }
    }

    // As git reads it: a quote and a backslash are escaped, and nothing else means anything.
    private static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string LockOf(string path) => path + ".lock";
}
