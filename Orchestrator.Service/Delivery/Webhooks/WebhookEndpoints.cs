using Orchestrator.Service.Hosting;
using Orchestrator.Service.Http;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>Where forge and tracker report what happened. They prove themselves by signature; no other door opens with it.</summary>
internal static class WebhookEndpoints
{
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookCounts>();
        services.AddSingleton<WebhookDoor>();
        if (OrchestratorHost.Section<WebhookOptions>(services).IsEnabled)
            services.AddSingleton<IQueueBlock>(p => p.GetRequiredService<WebhookCounts>());
    }

    public static void MapWebhooks(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<WebhookDoor>(); // at start, so that a missing secret stops it
        var webhooks = app.MapGroup("/webhooks").WithTags("Webhooks");
        Describe(webhooks.MapPost("/gitea", (Delegate)door.GiteaAsync)).WithSummary("Deliveries of Gitea or Forgejo, signed by X-Gitea-Signature; answers when one job carries them");
        Describe(webhooks.MapPost("/plane", (Delegate)door.PlaneAsync)).WithSummary("Deliveries of Plane, signed by X-Plane-Signature; answers when one job carries them");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .Produces<DeliveryTaken>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status408RequestTimeout).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}
