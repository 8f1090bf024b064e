using Orchestrator.Local.StandIns;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Forge;

/// <summary>A bare repository with a branch main and a file, and a clone in which branches are made.</summary>
internal sealed class ScratchRepository : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ScratchRepository()
    {
    }

    public string Bare => Path.Combine(_folder.Path, "engine.git");

    private string Clone => Path.Combine(_folder.Path, "clone");

    public static async Task<ScratchRepository> CreateAsync()
    {
        var repository = new ScratchRepository();
        await repository.GitAsync(repository._folder.Path, "init", "--quiet", "--bare", "--initial-branch=main", repository.Bare);
        await repository.GitAsync(repository._folder.Path, "clone", "--quiet", repository.Bare, repository.Clone);
        await repository.GitAsync(repository.Clone, "checkout", "--quiet", "-B", "main");
        await repository.CommitAsync("main", "README", "one\n");
        return repository;
    }

    /// <summary>Commits a file to a branch, made from another if it is new, and pushes it. Returns the full hash.</summary>
    public async Task<string> PushAsync(string branch, string? from, string file, string content)
    {
        if (from is not null)
            await GitAsync(Clone, "checkout", "--quiet", "-B", branch, $"origin/{from}");
        else
            await GitAsync(Clone, "checkout", "--quiet", branch);
        return await CommitAsync(branch, file, content);
    }

    private async Task<string> CommitAsync(string branch, string file, string content)
    {
        await File.WriteAllTextAsync(Path.Combine(Clone, file), content);
        await GitAsync(Clone, "add", "--all");
        await GitAsync(Clone, "commit", "--quiet", "-m", $"{file} on {branch}");
        await GitAsync(Clone, "push", "--quiet", "--force", "origin", branch);
        await GitAsync(Clone, "fetch", "--quiet", "--prune");
        return await GitAsync(Clone, "rev-parse", "HEAD");
    }

    public Task<string> HeadAsync(string branch) => GitAsync(Bare, "rev-parse", $"refs/heads/{branch}");

    public Task<string> GitAsync(string folder, params string[] arguments) => GitProgram.RunAsync(folder, arguments);

    public void Dispose() => _folder.Dispose();
}
