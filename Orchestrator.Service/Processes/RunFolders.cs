using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Runs;

namespace Orchestrator.Service.Processes;

/// <summary>All run folders of this installation on this machine.</summary>
internal sealed class RunFolders(NpgsqlDataSource database, ProcessOptions options, TimeProvider time, ILogger<RunFolders> log)
{
    private readonly HashSet<long> _ended = [];
    private string? _root;

    public RunFolder Of(long run) => new(_root ?? throw new InvalidOperationException("The installation is not known yet: OpenAsync comes first."), run);

    /// <summary>The folder of a run of this installation that lies there.</summary>
    public RunFolder? At(string path) =>
        Path.GetDirectoryName(path) == _root && long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? Of(run) : null;

    /// <summary>Must have ended before anything else is asked.</summary>
    public async Task OpenAsync(CancellationToken cancellation) =>
        _root ??= Path.Combine(options.Root, (await RunLedger.InstallationAsync(database, cancellation)).ToString("N", CultureInfo.InvariantCulture));

    /// <summary>Ends what still lives of runs that nobody owns, and removes folders that are old enough.</summary>
    /// <param name="readOwned">
    /// The runs that own a job, and those under which their processes were started. Read when the folders are listed: a run is claimed before its folder is made, so
    /// none that has just begun can be missing.
    /// </param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task CleanAsync(Func<Task<HashSet<long>>> readOwned, CancellationToken cancellation)
    {
        if (_root is null || !Directory.Exists(_root))
            return;
        var found = Directory.EnumerateDirectories(_root)
            .Select(path => (Path: path, IsRun: long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var run), Run: run))
            .Where(folder => folder.IsRun).ToList();
        var owned = await readOwned();
        foreach (var (path, _, run) in found.Where(folder => !owned.Contains(folder.Run)))
        {
            var folder = Of(run);
            if (!_ended.Contains(run))
            {
                var state = folder.Look();
                if (state is RunState.NotStarted && !folder.Abandon())
                    continue; // it has just begun: the next look finds it alive
                var tree = new ProcessTree(folder, time);
                if (state is RunState.Alive || tree.Members().Count > 0)
                {
                    log.Strays(run);
                    await tree.StopAsync(TimeSpan.FromSeconds(10), cancellation);
                }

                _ended.Add(run);
            }

            if (time.GetUtcNow() - Directory.GetLastWriteTimeUtc(path) > options.KeepFolders)
            {
                folder.Delete();
                _ended.Remove(run);
            }
        }
    }
}
