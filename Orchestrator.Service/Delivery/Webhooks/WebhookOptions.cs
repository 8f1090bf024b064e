using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>What is taken from forge and tracker when they report something. An address without a secret answers 404.</summary>
public sealed class WebhookOptions : IChecked
{
    /// <summary>The lane whose jobs carry what was reported.</summary>
    public string Lane { get; set; } = "deliveries";

    /// <summary>Largest body in bytes; 1 KiB to 25 MiB.</summary>
    public int MaxBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>Longest time in which a body must have arrived; 1 s to 1 min.</summary>
    public TimeSpan BodyTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What was missed and found by looking is told again after this time, as long as nobody has acted on it; 1 min to 1 day.</summary>
    public TimeSpan TellAgain { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Reports of Gitea or Forgejo.</summary>
    public GiteaWebhookOptions Gitea { get; set; } = new();

    /// <summary>Reports of Plane.</summary>
    public PlaneWebhookOptions Plane { get; set; } = new();

    internal bool IsEnabled => Gitea.Secret.IsSet || Plane.Secret.IsSet;

    public IEnumerable<Broken> Check() =>
    [
        .. Lane.Length == 0 ? [new Broken(nameof(Lane), "must name a lane", Lane)] : Array.Empty<Broken>(),
        .. MaxBytes is < 1024 or > 25 * 1024 * 1024 ? [new Broken(nameof(MaxBytes), "must be 1 KiB to 25 MiB", MaxBytes)] : Array.Empty<Broken>(),
        .. BodyTime < TimeSpan.FromSeconds(1) || BodyTime > TimeSpan.FromMinutes(1) ? [new Broken(nameof(BodyTime), "must be 1 s to 1 min", BodyTime)] : Array.Empty<Broken>(),
        .. TellAgain < TimeSpan.FromMinutes(1) || TellAgain > TimeSpan.FromDays(1) ? [new Broken(nameof(TellAgain), "must be 1 min to 1 day", TellAgain)] : Array.Empty<Broken>(),
        .. Gitea.Secret.Check("Gitea:Secret"),
        .. Plane.Secret.Check("Plane:Secret"),
        .. Gitea.Repositories.Where(repository => repository.Count(c => c == '/') != 1).Select(repository => new Broken("Gitea:Repositories", "must be of the form owner/name", repository)),
        .. Plane.Projects.Where(project => !Guid.TryParse(project, out _)).Select(project => new Broken("Plane:Projects", "must be ids of projects", project)),
        .. Plane.Bot is { } bot && !Guid.TryParse(bot, out _) ? [new Broken("Plane:Bot", "must be the id of a user, or absent", bot)] : Array.Empty<Broken>(),
    ];
}

/// <summary>What is taken from Gitea or Forgejo.</summary>
public sealed class GiteaWebhookOptions
{
    /// <summary>The secret that signs the reports.</summary>
    public SecretOptions Secret { get; set; } = new();

    /// <summary>Login of the account that the service itself uses: its own pushes, comments and reviews are ignored. None if absent.</summary>
    public string? Bot { get; set; }

    /// <summary>Commit statuses whose context begins so are the service's own and are ignored.</summary>
    public string OwnContexts { get; set; } = "orchestrator/";

    /// <summary>Repositories (owner/name) that count; all if there are none.</summary>
    public IList<string> Repositories { get; } = [];
}

/// <summary>What is taken from Plane.</summary>
public sealed class PlaneWebhookOptions
{
    /// <summary>The secret that signs the reports.</summary>
    public SecretOptions Secret { get; set; } = new();

    /// <summary>Id of the user that the service itself uses: what that user changes or writes is ignored. None if absent.</summary>
    public string? Bot { get; set; }

    /// <summary>Ids of the projects that count, because Plane reports a whole workspace; all if there are none.</summary>
    public IList<string> Projects { get; } = [];
}
