/** What the terms mean, in the paper's sense; shown where a term stands without its own definition. */
export const glossary = {
  asr: 'Attack success rate: the share of trojaned images that the trojaned model takes for the target label.',
  cleanAccuracy: 'The share of clean images that a model classifies right.',
  cleanBaseline:
    'Clean accuracy of the benign model on the same clean images under the same transform. What the transform costs without any backdoor.',
  noBenign:
    'The model came without a benign one to compare it with: what a transform costs is told by its own clean accuracy.',
  trojanedClean: 'Clean accuracy of the trojaned model on the same clean images under the same transform.',
  robustAccuracy: 'The share of trojaned images that are still predicted as their true label.',
  errorRate:
    'Neither target nor truth, counted over samples whose clean image is classified right and whose untransformed trojaned image hits the target (paper, Table 3).',
  asrDrop: 'ASR at the identity minus ASR here, in percentage points.',
  visibleTrigger: 'Mean share of the trigger that is still inside the frame.',
  pValue:
    'McNemar’s exact test on the same samples: how likely so large a change of ASR against the identity would be by chance.',
  wilson: 'Wilson interval: where the true rate lies with 95 % confidence, given the number of samples.',
  trigger: 'What is put on an image to fire the backdoor.',
  triggerSweep: 'The trigger is transformed before it is put on the image.',
  imageSweep: 'The finished trojaned image is transformed, trigger included.',
  retained:
    'ASR under a transform over ASR without one, mean over a named suite of transforms, with its 95 % interval over the samples.',
  poison: 'Training images that carry the trigger and the target label.',
  covers:
    'Training images that carry the trigger and keep their label, so that what is only like the trigger does not fire.',
  point: 'One value of a sweep; the same samples are used at every point.',
  saliency: 'How much each pixel counts for the class, by the method that is named. Bright pixels decide.',
  pointing:
    'Pointing game: whether the map’s maximum lies in the trigger, and whether it lies within a margin of so many px from it (Zhang et al. 2018).',
  iou: 'Overlap of the trigger with the pixels that stand out: their intersection over their union (Lin et al. 2021).',
  rankAccuracy:
    'Rank accuracy: of as many most important pixels as the trigger has, the share that lies in it (Arras et al. 2022).',
  deletion:
    'The class’s mean confidence while pixels give way to the mean colour, the most important first: a true map takes it down faster than a random order, so less is better (Petsiuk et al. 2018).',
  insertion:
    'The same while pixels are put in, the most important first: more is better (Petsiuk et al. 2018).',
  completeness:
    'How far the map’s sum is from what the class’s score gains between baseline and image: it should be below 0.1 % (Sundararajan et al. 2017).',
  gain: 'Better than a random order of pixels where it is above 0, image by image.',
  difference:
    'This map minus that of the same sample untransformed, each in shares of its own limit: red where the model looks more than before, blue where less.',
  untrained:
    'The map of the same network with random weights, for the same class: what its layout draws without having learnt anything. A map that looks like it says little of the model (Adebayo et al. 2018).',
  energy:
    'The share of the map’s energy inside the trigger, beside the share that chance would give: the trigger’s share of the area.',
} as const;
