using System.Threading.Channels;
using Npgsql;
using Orchestrator.Persistence.Alerts;

namespace Orchestrator.Service.Alerts;

/// <summary>
/// Passes alerts on: never throws, never blocks, and says the same thing once in a window, over all nodes and restarts. Each sink has a line of its own, so that none
/// waits for another. A crash between the row that says "told" and the telling loses the alert for one window; the log has it.
/// </summary>
internal sealed class Alerts(IEnumerable<IAlertSink> sinks, NpgsqlDataSource database, AlertOptions options, TimeProvider time, ILogger<Alerts> log) : BackgroundService
{
    private const int Waiting = 1000;
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(3);

    private readonly Line[] _lines = [.. sinks.Select(sink => new Line(sink, NewChannel()))];
    private readonly Channel<Alert> _raised = NewChannel();
    private readonly Dictionary<(AlertKind, string), DateTimeOffset> _told = [];
    private readonly Lock _lock = new();

    public void Raise(Alert alert)
    {
        if (!options.Enabled || !IsNews(alert))
            return;
        log.Raised(alert.Kind, alert.Subject, alert.Text);
        if (_lines.Length > 0 && !_raised.Writer.TryWrite(alert with { At = time.GetUtcNow() }))
            log.NotTold(alert.Kind, alert.Subject, "any sink", Full);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll([PassOnAsync(stoppingToken), .. _lines.Select(line => SendAsync(line, stoppingToken))]);

    private static string Full => $"{Waiting} others wait already.";

    private async Task PassOnAsync(CancellationToken stopping)
    {
        await foreach (var alert in _raised.Reader.ReadAllAsync(stopping))
        {
            if (!await IsNewsToAllAsync(alert, stopping))
            {
                log.ToldAlready(alert.Kind, alert.Subject);
                lock (_lock)
                    _told.Remove((alert.Kind, alert.Subject)); // the window is that of who told it
                continue;
            }

            foreach (var line in _lines)
            {
                if (!line.Channel.Writer.TryWrite(alert))
                    log.NotTold(alert.Kind, alert.Subject, line.Name, Full);
            }
        }
    }

    private async Task SendAsync(Line line, CancellationToken stopping)
    {
        await foreach (var alert in line.Channel.Reader.ReadAllAsync(stopping))
        {
            using var limit = new CancellationTokenSource(options.Patience, time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
            try
            {
                // On the pool, and not waited for longer: a sink may block, or forget its token.
                await Task.Run(() => line.Sink.SendAsync(alert, patience.Token), patience.Token).WaitAsync(patience.Token);
                log.Told(alert.Kind, alert.Subject, line.Name);
            }
            catch (AlertNotToldException why)
            {
                log.NotTold(alert.Kind, alert.Subject, line.Name, why.Message);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !stopping.IsCancellationRequested)
            {
                log.NotTold(alert.Kind, alert.Subject, line.Name, $"It took longer than {options.Patience}.");
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                log.NotSent(alert.Kind, alert.Subject, line.Name, exception);
            }
        }
    }

    private async Task<bool> IsNewsToAllAsync(Alert alert, CancellationToken stopping)
    {
        if (options.Window == TimeSpan.Zero)
            return true;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            patience.CancelAfter(DatabasePatience);
            return await AlertLedger.TellAsync(database, alert.Kind.ToString(), alert.Subject, options.Window, patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            log.NotAsked(alert.Kind, alert.Subject, exception);
            return true;
        }
    }

    private bool IsNews(Alert alert)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_told.TryGetValue((alert.Kind, alert.Subject), out var last) && now - last < options.Window)
                return false;
            if (_told.Count > 10_000)
            {
                foreach (var (key, told) in _told.ToList())
                {
                    if (now - told >= options.Window)
                        _told.Remove(key);
                }
            }

            _told[(alert.Kind, alert.Subject)] = now;
            return true;
        }
    }

    // Full: the writer is told so, and never waits.
    private static Channel<Alert> NewChannel() => System.Threading.Channels.Channel.CreateBounded<Alert>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.Wait });

    private sealed record Line(IAlertSink Sink, Channel<Alert> Channel)
    {
        public string Name => Sink.GetType().Name;
    }
}
