using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Throughline.ServiceDefaults;

namespace Throughline.Auth.Mail;

internal static class MailSetup
{
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.AddOptions<MailOptions>().BindConfiguration("Mail")
            .PostConfigure<StateFolder>((mail, state) => mail.Password ??= state.TryReadSecret("mail-password"))
            .ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<MailOptions>, MailOptionsValidator>();
        services.AddSingleton<MailFolder>();
        services.AddSingleton<MailSignal>();
        services.AddSingleton<MailHealth>();
        services.AddSingleton<IDependencyProbe>(provider => provider.GetRequiredService<MailHealth>());
        services.AddSingleton<Mailer>();
        services.AddHostedService<MailDelivery>();
        services.AddScoped<OneTimeCodes>();
        services.AddScoped<CodeMail>();
        return services;
    }
}
