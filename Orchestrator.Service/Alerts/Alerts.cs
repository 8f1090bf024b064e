using System.Threading.Channels;

namespace Orchestrator.Service.Alerts;

/// <summary>Passes alerts on: never throws, never blocks, and says the same thing once in a window.</summary>
internal sealed class Alerts(IEnumerable<IAlertSink> sinks, AlertOptions options, TimeProvider time, ILogger<Alerts> log) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<Alert> _raised = Channel.CreateBounded<Alert>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<(AlertKind, string), DateTimeOffset> _told = [];
    private readonly Lock _lock = new();

    public void Raise(Alert alert)
    {
        if (!options.Enabled || !IsNews(alert))
            return;
        log.Raised(alert.Kind, alert.Subject, alert.Text);
        _raised.Writer.TryWrite(alert);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var alert in _raised.Reader.ReadAllAsync(stoppingToken))
        {
            foreach (var sink in sinks)
            {
                try
                {
                    using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    patience.CancelAfter(Patience);
                    await sink.SendAsync(alert, patience.Token).WaitAsync(patience.Token);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    log.NotSent(alert.Kind, alert.Subject, sink.GetType().Name, exception);
                }
            }
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
}
