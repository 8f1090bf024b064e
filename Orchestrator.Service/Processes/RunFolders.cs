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

    /// <summary>Must have ended before anything else is asked.</summary>
    public async Task OpenAsync(CancellationToken cancellation) =>
        _root ??= Path.Combine(options.Root, (await RunLedger.InstallationAsync(database, cancellation)).ToString("N", CultureInfo.InvariantCulture));

    /// <summary>Ends what still lives of runs that nobody owns, and removes folders that are old enough.</summary>
    /// <param name="isOwned">Is the run, or the process that was started as it, somebody's?</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task CleanAsync(Func<long, bool> isOwned, CancellationToken cancellation)
    {
        if (_root is null || !Directory.Exists(_root))
            return;
        foreach (var path in Directory.EnumerateDirectories(_root))
        {
            if (!long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var run) || isOwned(run))
                continue;
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

    /// <summary>Removes folders of runs that are forgotten.</summary>
    public void Delete(IEnumerable<long> runs)
    {
        foreach (var run in runs)
            Of(run).Delete();
    }
}
