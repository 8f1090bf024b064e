using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Orchestrator.Local.Nodes;

namespace Orchestrator.Local.Storm;

/// <summary>The service as a process that can be killed. It can't outlive this process.</summary>
internal sealed partial class StormNode
{
    private const int Kill = 9;

    private readonly string _folder;
    private readonly Child _supervisor;
    private readonly int _pid;

    private StormNode(string folder, Child supervisor, int pid, Uri url) => (_folder, _supervisor, _pid, Url) = (folder, supervisor, pid, url);

    public Uri Url { get; }

    /// <summary>Everything that it wrote.</summary>
    public string Log => File.Exists(LogOf(_folder)) ? File.ReadAllText(LogOf(_folder)) : "";

    /// <param name="folder">Of this node; made, and left where it is.</param>
    /// <param name="settings">Below <c>Orchestrator:</c>.</param>
    /// <exception cref="CannotStartException">It ended, or does not run after a minute.</exception>
    public static async Task<StormNode> StartAsync(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var work = Directory.CreateDirectory(Path.Combine(folder, "work")).FullName;
        var supervisor = NodeProgram.Start(work, LogOf(folder), "KILL", new Uri("http://127.0.0.1:0"), settings);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var said = File.Exists(LogOf(folder)) ? await File.ReadAllTextAsync(LogOf(folder)) : "";
            if (said.Contains("Application started", StringComparison.Ordinal) && Listening().Match(said) is { Success: true } match)
                return new StormNode(folder, supervisor, ChildrenOf(supervisor.Id).Single(child => child.Name == "dotnet").Pid, new Uri(match.Groups["url"].Value));
            if (supervisor.HasExited || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
            {
                await supervisor.EndAsync();
                throw new CannotStartException($"A node of the storm does not run. It said: {said}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Kills it as the kernel does when memory runs out. What it had started goes on, unless git is to die with it: that is the end of a container.</summary>
    /// <returns>How many processes of git died along.</returns>
    public async Task<int> KillAsync(bool withGit)
    {
        var gits = withGit ? ChildrenOf(_pid).Where(child => child.Name is "git" or "setsid").SelectMany(child => (int[])[child.Pid, .. ChildrenOf(child.Pid).Select(below => below.Pid)]).ToList() : [];
        _ = kill(_pid, Kill);
        var killed = gits.Count(git => kill(git, Kill) == 0);
        await _supervisor.WaitForExitAsync(CancellationToken.None);
        return killed;
    }

    private static string LogOf(string folder) => Path.Combine(folder, "node.log");

    private static IEnumerable<(int Pid, string Name)> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            string stat;
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                continue; // it has ended
            }

            var end = stat.LastIndexOf(')');
            if (int.Parse(stat[(end + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == parent)
                yield return (pid, stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end]);
        }
    }

    [GeneratedRegex(@"Now listening on: (?<url>http://[0-9.:]+)")]
    private static partial Regex Listening();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
