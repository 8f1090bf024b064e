namespace Orchestrator.Local.Replay;

/// <summary>The replay of one file, with as many runs as are asked for. Everything stays up until it is disposed of.</summary>
/// <param name="pdf">The file.</param>
/// <param name="pace">How long things take.</param>
/// <param name="output">Where progress goes.</param>
internal sealed class IncidentReplay(string pdf, ReplayPace pace, TextWriter output) : IAsyncDisposable
{
    private readonly List<ReplayPhase> _phases = [];
    private LocalEnvironment? _environment;

    /// <summary>One run after the other, each with its own number of permits.</summary>
    public async Task<IReadOnlyList<ReplayRun>> RunAsync(IReadOnlyList<int> permits, CancellationToken ct)
    {
        await output.WriteLineAsync($"Starting PostgreSQL and an emulator of SQS, SNS and S3 for {Path.GetFileName(pdf)}");
        _environment = await LocalEnvironment.StartAsync(ct: ct);
        var runs = new List<ReplayRun>();
        foreach (var count in permits)
        {
            var phase = await ReplayPhase.StartAsync(_environment, count, pace, ct);
            _phases.Add(phase);
            await output.WriteLineAsync($"{count} permits: the service is process {phase.Node.Id} at {phase.Node.Url}");
            await phase.DropAsync(pdf, ct);
            runs.Add(await phase.FollowAsync(new ReplayScreen(output, output == Console.Out && !Console.IsOutputRedirected).Show, ct));
        }
        return runs;
    }

    /// <summary>Judges a run by what is known of the file.</summary>
    public async Task<IReadOnlyList<Condition>> JudgeAsync(ReplayRun run, CancellationToken ct) =>
        ReplayConditions.Judge(run, InvoiceMap.Beside(pdf), await InvoiceMap.ExtractedAsync(pdf, ct));

    /// <summary>Says where to look further.</summary>
    public void PrintAddresses()
    {
        output.WriteLine();
        foreach (var phase in _phases)
            output.WriteLine($"With {phase.Permits,2} permits   {phase.Node.Url}queue   {phase.Node.Url}documents   {phase.Node.Url}jobs");
        output.WriteLine($"SQS, SNS, S3      {_environment!.ServiceUrl}");
        output.WriteLine();
        output.WriteLine("Ctrl-C ends all of it.");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_phases.Select(phase => phase.DisposeAsync().AsTask()));
        if (_environment is not null)
            await _environment.DisposeAsync();
    }
}
