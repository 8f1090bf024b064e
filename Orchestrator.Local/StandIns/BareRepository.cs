namespace Orchestrator.Local.StandIns;

/// <summary>A bare git repository, moved by git itself.</summary>
/// <param name="folder">Its folder.</param>
internal sealed class BareRepository(string folder)
{
    public string Folder => folder;

    /// <summary>Full hash of a branch; null if there is none.</summary>
    public async Task<string?> HeadAsync(string branch)
    {
        var (code, output) = await GitAsync("rev-parse", "--verify", "--quiet", $"refs/heads/{branch}^{{commit}}");
        return code == 0 ? output : null;
    }

    public Task<string> DefaultBranchAsync() => RunAsync("symbolic-ref", "--short", "HEAD");

    public async Task<bool> IsAncestorAsync(string ancestor, string commit) => (await GitAsync("merge-base", "--is-ancestor", ancestor, commit)).Code == 0;

    /// <summary>Tree of both together; null on a conflict. Both must be commits that are there.</summary>
    public async Task<string?> TreeOfBothAsync(string into, string head)
    {
        var (code, output) = await GitAsync("merge-tree", "--write-tree", into, head);
        return code == 0 ? output.Split('\n')[0] : null;
    }

    public Task<string> CommitAsync(string tree, string message, params string[] parents) =>
        RunAsync(["commit-tree", tree, .. parents.SelectMany(parent => (string[])["-p", parent]), "-m", message]);

    /// <summary>Moves a branch if it still is where it was; a new head of null deletes it.</summary>
    public async Task<bool> MoveAsync(string branch, string? to, string from) =>
        (await (to is null ? GitAsync("update-ref", "-d", $"refs/heads/{branch}", from) : GitAsync("update-ref", $"refs/heads/{branch}", to, from))).Code == 0;

    /// <summary>Any command of git there: its exit code, and its output, with its complaints after it if it failed.</summary>
    public Task<(int Code, string Output)> GitAsync(params string[] arguments) => GitProgram.TryAsync(folder, arguments);

    /// <summary>The same for one that must succeed.</summary>
    public Task<string> RunAsync(params string[] arguments) => GitProgram.RunAsync(folder, arguments);
}
