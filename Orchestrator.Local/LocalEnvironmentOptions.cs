namespace Orchestrator.Local;

/// <summary>How a <see cref="LocalEnvironment"/> is started.</summary>
public sealed class LocalEnvironmentOptions
{
    /// <summary>Whether the database waits for the disk: true survives a crash of the machine, false is faster and survives a crash of the server only. Default true.</summary>
    public bool Durable { get; set; } = true;

    /// <summary>Whether queues, topics and objects survive a stop of the emulator, kept in a folder until the environment ends. Default false: all is in memory.</summary>
    public bool PersistentEmulator { get; set; }

    /// <summary>The folder of PostgreSQL's server programs, such as <c>/usr/lib/postgresql/15/bin</c>. Default: Debian's newest version, else the PATH.</summary>
    public string? PostgresFolder { get; set; }

    /// <summary>The folder of <c>launcher.mjs</c> and its installed packages. Default: found above the program, in the repository.</summary>
    public string? EmulatorFolder { get; set; }

    /// <summary>The folder below which all data is kept; the user postgres must be able to pass through it. Default: the system's temporary folder.</summary>
    public string TemporaryFolder { get; set; } = Path.GetTempPath();

    /// <summary>How long either child may take until it answers; more than zero. Default 60 seconds, which a busy machine may need.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
