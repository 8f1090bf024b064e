using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>A remote repository acme/app with one commit on main, a person's clone of it, and the service's git on folders of its own.</summary>
internal sealed class GitScene : IDisposable
{
    public const string Repository = "acme/app";

    private readonly TemporaryFolder _folder = new();

    public GitScene(Action<DeliveryOptions>? change = null)
    {
        Options = new DeliveryOptions { Folder = At("service"), Remote = At("remote/{repository}.git") };
        change?.Invoke(Options);
        Runner = new GitRunner(Options.Git, TimeProvider.System);
        Repositories = new Repositories(Options, Runner, TimeProvider.System, NullLogger<Repositories>.Instance);
        Pushes = new Pushes(Runner);
        Worktrees = new Worktrees(Options, Runner, Repositories, Pushes, TimeProvider.System, NullLogger<Worktrees>.Instance);

        Directory.CreateDirectory(Remote);
        Run(Remote, "init", "--quiet", "--bare", "--initial-branch=main");
        Directory.CreateDirectory(Person);
        Run(Person, "init", "--quiet", "--initial-branch=main");
        Run(Person, "remote", "add", "origin", Remote);
        PersonCommits("README.md", "hello\n");
    }

    public DeliveryOptions Options { get; }

    public GitRunner Runner { get; }

    public Repositories Repositories { get; }

    public Pushes Pushes { get; }

    public Worktrees Worktrees { get; }

    public string Remote => At("remote/acme/app.git");

    /// <summary>A clone that is none of the service's.</summary>
    public string Person => At("person");

    public string At(string path) => Path.Combine(_folder.Path, path);

    /// <summary>A further host: other folders, the same remote.</summary>
    public GitScene OtherHost() => new(this);

    public static DeliveryTask Task(string branch = "task/1", long step = 1) => new() { CorrelationId = Guid.NewGuid(), Repository = Repository, Branch = branch, Step = step, Title = "A task" };

    /// <summary>Writes a file in the person's clone, on the branch, and pushes it; returns the commit.</summary>
    public string PersonCommits(string file, string text, string branch = "main", string message = "A commit")
    {
        if (Directory.EnumerateFileSystemEntries(Person).Count() > 1)
        {
            Run(Person, "fetch", "--quiet", "origin");
            if (Run(Person, "ls-remote", "origin", branch).Length > 0)
                Run(Person, "checkout", "--quiet", "-B", branch, $"origin/{branch}");
            else
                Run(Person, "checkout", "--quiet", "-B", branch, "origin/main");
        }

        Write(Person, file, text);
        Run(Person, "add", "--all");
        Run(Person, "commit", "--quiet", "--message", message);
        Run(Person, "push", "--quiet", "origin", $"HEAD:refs/heads/{branch}");
        return Run(Person, "rev-parse", "HEAD");
    }

    /// <summary>A branch of the remote; empty if there is none.</summary>
    public string RemoteTip(string branch) => Run(Remote, "for-each-ref", "--format=%(objectname)", $"refs/heads/{branch}");

    public string RemoteFile(string branch, string file) => Run(Remote, "show", $"{branch}:{file}");

    public static void Write(string folder, string file, string text)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>A program of the repository's, as git runs it.</summary>
    public static void Hook(string folder, string name, string script)
    {
        Directory.CreateDirectory(Path.Combine(folder, "hooks"));
        Script.Write(Path.Combine(folder, "hooks", name), "#!/bin/sh\n" + script);
    }

    /// <summary>git as a person or an agent runs it; fails the test if it fails.</summary>
    public static string Run(string folder, params string[] arguments)
    {
        var (code, output) = Try(folder, arguments);
        Assert.True(code == 0, $"git {string.Join(' ', arguments)} in {folder} ended with {code}: {output}");
        return output;
    }

    public static (int Code, string Output) Try(string folder, params string[] arguments) => GitProgram.TryAsync(folder, arguments).GetAwaiter().GetResult();

    public void Dispose() => _folder.Dispose();

    private GitScene(GitScene other)
    {
        Options = new DeliveryOptions { Folder = At("service"), Remote = other.Options.Remote };
        Runner = new GitRunner(Options.Git, TimeProvider.System);
        Repositories = new Repositories(Options, Runner, TimeProvider.System, NullLogger<Repositories>.Instance);
        Pushes = new Pushes(Runner);
        Worktrees = new Worktrees(Options, Runner, Repositories, Pushes, TimeProvider.System, NullLogger<Worktrees>.Instance);
    }
}
