package dev.purekv.console.evaluation;

import dev.purekv.console.settings.PureKvSettings;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where evaluations and uploaded questions lie: in the console's own folder. */
@Configuration(proxyBeanMethods = false)
class EvaluationConfiguration {
    @Bean
    QuestionSets questionSets(PureKvSettings settings) {
        return new QuestionSets(settings.modelRepository(), folder(settings).resolve("questions"));
    }

    @Bean(destroyMethod = "close")
    EvaluationRuns evaluationRuns(PureKvSettings settings, LocalModels models, QuestionSets sets) {
        return new EvaluationRuns(folder(settings).resolve("evaluations"), new EvaluationRuns.Sources() {
            @Override
            public Path checkpoint(String model) {
                return models.checkpoint(model);
            }

            @Override
            public Map<String, String> familySettings(String model) {
                return models.familySettings(model);
            }

            @Override
            public Path questions(String set) {
                return sets.file(set);
            }
        });
    }

    private static Path folder(PureKvSettings settings) {
        return settings.stateDirectory().toAbsolutePath().normalize();
    }
}
