namespace Orchestrator.Local.StandIns;

/// <summary>Somebody else's server on a loopback port: keeps a journal, can be told to fail, and reports what it does by signed webhooks, if it was told where to.</summary>
public abstract class StandIn : IAsyncDisposable
{
    private StandInServer _server = null!;

    private protected StandIn(TimeProvider time, Func<string, string, byte[], IEnumerable<(string, string)>> headers) => (Time, Hooks) = (time, new HookSender(headers));

    /// <summary>Its address, without the path of its API.</summary>
    public Uri Url => _server.Url;

    /// <summary>All requests that came, answered or not, in order.</summary>
    public IReadOnlyCollection<(string Method, string Path)> Taken => _server.Taken;

    /// <summary>All requests that were answered, in order.</summary>
    public IReadOnlyCollection<SeenRequest> Journal => _server.Journal;

    /// <summary>All webhooks, in order.</summary>
    public IReadOnlyCollection<SentHook> Sent => Hooks.Sent;

    /// <summary>Webhooks get lost on their way.</summary>
    public bool LoseHooks
    {
        get => Hooks.Lose;
        set => Hooks.Lose = value;
    }

    private protected TimeProvider Time { get; }

    private protected HookSender Hooks { get; }

    /// <summary>Sends webhooks there from now on.</summary>
    public void HookTo(Uri target, string secret, bool asForm = false) => (Hooks.Target, Hooks.Secret, Hooks.AsForm) = (target, secret, asForm);

    /// <summary>The next requests of that method whose path holds these words go wrong.</summary>
    public void Fail(string method, string path, StandInFault fault, int times = 1) => _server.Fail(method, path, fault, times);

    /// <summary>Waits until all webhooks are sent.</summary>
    public Task QuietAsync(CancellationToken cancellation = default) => Hooks.QuietAsync(Time, cancellation);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Hooks.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task ListenAsync(CancellationToken cancellation) => _server = await StandInServer.StartAsync(AnswerAsync, Time, cancellation);

    private protected abstract Task<StandInAnswer> AnswerAsync(StandInRequest request);
}
