using System.Diagnostics;
using Orchestrator.Local.StandIns;

namespace Orchestrator.Local.Demo;

/// <summary>The team that the demo delivers for: a bare repository of a shop whose suite fails, an agent, and a staging host, all in one folder.</summary>
internal sealed class Workshop
{
    public const string Repository = "team/shop";

    private Workshop(string folder) => Folder = folder;

    /// <summary>All of it is below.</summary>
    public string Folder { get; }

    /// <summary>The repository that everybody pushes to.</summary>
    public string Bare => Path.Combine(Folder, "remotes", Repository + ".git");

    public static string Agent => Path.Combine(Source, "agent.sh");

    /// <summary>The command that deploys to staging.</summary>
    public string DeployStaging => Path.Combine(Folder, "staging", "deploy");

    /// <summary>The host that it deploys to.</summary>
    public string StagingHost => Path.Combine(Folder, "staging", "shop");

    private static string Source => Path.Combine(AppContext.BaseDirectory, "Demo", "workshop");

    /// <summary>Makes the repository with one commit.</summary>
    /// <param name="folder">Empty, or not there.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<Workshop> MakeAsync(string folder, CancellationToken ct)
    {
        var workshop = new Workshop(folder);
        var first = workshop.Below("first");
        foreach (var file in Directory.GetFiles(Path.Combine(Source, "shop")))
            File.Copy(file, Path.Combine(first, Path.GetFileName(file)));
        await GitProgram.RunAsync(folder, ["init", "--quiet", "--bare", "--initial-branch=main", workshop.Bare], ct);
        await GitProgram.RunAsync(first, ["init", "--quiet", "--initial-branch=main"], ct);
        await GitProgram.RunAsync(first, ["add", "--all"], ct);
        await GitProgram.RunAsync(first, ["commit", "--quiet", "--message", "A shop of one function"], ct);
        await GitProgram.RunAsync(first, ["push", "--quiet", workshop.Bare, "main"], ct);
        workshop.MendStaging();
        return workshop;
    }

    /// <summary>A folder below, made if it is not there.</summary>
    public string Below(string name) => Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;

    /// <summary>Writes a secret for the service to read.</summary>
    /// <returns>The file's path.</returns>
    public string Secret(string name, string value)
    {
        var path = Path.Combine(Below("secrets"), name);
        File.WriteAllText(path, value);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Somebody takes the command away that deploys to staging.</summary>
    public void BreakStaging() => File.Delete(DeployStaging);

    /// <summary>Somebody puts it back.</summary>
    public void MendStaging()
    {
        Below("staging");
        // By a child: what this process has open for writing, a program that it starts just then inherits until its own exec, and so long nobody can run the file.
        using var install = Process.Start("install", ["--mode=700", Path.Combine(Source, "deploy-staging.sh"), DeployStaging]);
        install.WaitForExit();
        if (install.ExitCode != 0)
            throw new InvalidOperationException($"{DeployStaging} can't be written: install ended with {install.ExitCode}.");
    }

    /// <summary>Does the suite pass on main as it is now?</summary>
    public async Task<bool> SuitePassesAsync(CancellationToken ct)
    {
        var folder = Path.Combine(Below("looks"), Guid.NewGuid().ToString("N"));
        await GitProgram.RunAsync(Folder, ["clone", "--quiet", Bare, folder], ct);
        using var suite = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec node --test > /dev/null 2>&1"]) { WorkingDirectory = folder })!;
        await suite.WaitForExitAsync(ct);
        return suite.ExitCode == 0;
    }

    /// <summary>Subjects of main's merge commits, newest first.</summary>
    public async Task<IReadOnlyList<string>> MergesAsync(CancellationToken ct) =>
        (await GitProgram.RunAsync(Bare, ["log", "--merges", "--first-parent", "--format=%s", "main"], ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A file as it is on main.</summary>
    public Task<string> OnMainAsync(string file, CancellationToken ct) => GitProgram.RunAsync(Bare, ["show", $"main:{file}"], ct);
}
