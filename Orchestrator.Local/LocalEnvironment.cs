namespace Orchestrator.Local;

/// <summary>
/// A PostgreSQL cluster and an emulator of SQS, SNS and S3, private to this process: on free loopback ports, with data in a
/// temporary folder. Both end, and the folder goes, when the environment is disposed or when this process ends in any way.
/// Any number of environments can run side by side.
/// </summary>
public sealed class LocalEnvironment : IAsyncDisposable
{
    private const string DefaultDatabase = "orchestrator";

    private readonly string _folder;
    private readonly PostgresCluster _postgres;
    private readonly Emulator _emulator;

    private LocalEnvironment(LocalEnvironmentOptions options)
    {
        _folder = EnvironmentFolder.NewIn(options.TemporaryFolder);
        _postgres = new PostgresCluster(_folder, options);
        _emulator = new Emulator(_folder, options);
    }

    /// <summary>The address of SQS, SNS and S3 together; the region is us-east-1 and any credentials are taken.</summary>
    public Uri ServiceUrl => _emulator.ServiceUrl;

    /// <summary>An empty database of its own; <see cref="CreateDatabaseAsync"/> makes more.</summary>
    public string ConnectionString => _postgres.ConnectionStringOf(DefaultDatabase);

    /// <summary>The default database as psql and other libpq programs take it.</summary>
    public string PsqlArgument => _postgres.UriOf(DefaultDatabase);

    /// <summary>Starts both children at once and returns when both answer.</summary>
    /// <exception cref="CannotStartException">A program is missing or ended at once; nothing is left running.</exception>
    public static async Task<LocalEnvironment> StartAsync(LocalEnvironmentOptions? options = null, CancellationToken ct = default)
    {
        options ??= new LocalEnvironmentOptions();
        var environment = new LocalEnvironment(options); // a missing program is told before anything is made
        EnvironmentFolder.RemoveLeftovers(options.TemporaryFolder);
        EnvironmentFolder.Create(environment._folder);
        try
        {
            await Task.WhenAll(environment._postgres.StartAsync(ct), environment._emulator.StartAsync(ct));
            await environment._postgres.CreateDatabaseAsync(DefaultDatabase, ct);
        }
        catch
        {
            await environment.DisposeAsync(); // one child may run although the other could not be started
            throw;
        }
        return environment;
    }

    /// <summary>Creates an empty database and returns its connection string.</summary>
    /// <param name="name">At most 63 bytes; any characters.</param>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await _postgres.CreateDatabaseAsync(name, CancellationToken.None);
        return _postgres.ConnectionStringOf(name);
    }

    /// <summary>Stops the database cleanly but at once: every connection breaks.</summary>
    public Task StopPostgresAsync() => _postgres.StopAsync();

    /// <summary>Ends the database without a checkpoint, so that the next start recovers from the log.</summary>
    public Task CrashPostgresAsync() => _postgres.CrashAsync();

    /// <summary>Starts a stopped database on the same port with the same data.</summary>
    public Task StartPostgresAsync(CancellationToken ct = default) => _postgres.StartAgainAsync(ct);

    /// <summary>Stops the database and starts it on the same port with the same data.</summary>
    public async Task RestartPostgresAsync(CancellationToken ct = default)
    {
        await StopPostgresAsync();
        await StartPostgresAsync(ct);
    }

    /// <summary>Stops the emulator; unless it is persistent, its queues, topics and objects are gone.</summary>
    public Task StopEmulatorAsync() => _emulator.StopAsync();

    /// <summary>Starts a stopped emulator on the same port.</summary>
    public Task StartEmulatorAsync(CancellationToken ct = default) => _emulator.StartAgainAsync(ct);

    /// <summary>Stops the emulator and starts it on the same port; unless it is persistent, its queues, topics and objects are gone.</summary>
    public async Task RestartEmulatorAsync(CancellationToken ct = default)
    {
        await StopEmulatorAsync();
        await StartEmulatorAsync(ct);
    }

    /// <summary>Ends both children and removes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_postgres.EndAsync(), _emulator.EndAsync());
        EnvironmentFolder.Remove(_folder);
    }
}
