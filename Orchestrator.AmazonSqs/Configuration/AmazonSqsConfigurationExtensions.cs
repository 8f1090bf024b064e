using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.AmazonSqs;

namespace MassTransit;

/// <summary>What a service calls to put its bus on SQS and SNS.</summary>
public static class AmazonSqsConfigurationExtensions
{
    /// <summary>
    /// Puts the bus on Amazon SQS and SNS. The time comes from the container's <see cref="TimeProvider"/> where there is one, and
    /// requests are counted in its <see cref="RequestCounter"/>.
    /// </summary>
    public static void UsingAmazonSqs(
        this IBusRegistrationConfigurator configurator,
        Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure = null)
    {
        configurator.TryAddSingleton<RequestCounter>();
        configurator.SetBusFactory(new AmazonSqsRegistrationBusFactory(configure));
    }

    /// <summary>Where the bus is and who it is.</summary>
    public static void Host(this IAmazonSqsBusFactoryConfigurator configurator, string region, Action<IAmazonSqsHostConfigurator>? configure = null)
    {
        var settings = new AmazonSqsHostSettings(region);
        configure?.Invoke(settings);
        configurator.Host(settings);
    }

    /// <summary>The Protect step: from here on the message is kept from others until it is settled. List it before anything that waits.</summary>
    public static void UseVisibilityExtension(this IPipeConfigurator<ReceiveContext> configurator) =>
        configurator.AddPipeSpecification(new VisibilityExtensionSpecification());

    /// <summary>The Permit step: as many messages pass at once as the pool has permits; the others wait here, protected.</summary>
    public static void UsePermits<TContext>(this IPipeConfigurator<TContext> configurator, PermitPool pool)
        where TContext : class, PipeContext =>
        configurator.AddPipeSpecification(new PermitSpecification<TContext>(pool));

    /// <summary>Sets the FIFO group of a message; on a standard queue the tenant for fair delivery. Nothing happens on other transports.</summary>
    public static void SetGroupId(this SendContext context, string groupId)
    {
        if (context.TryGetPayload<IAmazonSqsSendContext>(out var sqs))
            sqs.GroupId = groupId;
    }

    /// <summary>Sets the FIFO deduplication id of a message. Nothing happens on other transports.</summary>
    public static void SetDeduplicationId(this SendContext context, string deduplicationId)
    {
        if (context.TryGetPayload<IAmazonSqsSendContext>(out var sqs))
            sqs.DeduplicationId = deduplicationId;
    }
}
